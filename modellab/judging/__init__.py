"""Judges: models that evaluate the answers of models.

A kind of judge is a folder with a subclass of `JudgeOptions` (`modellab.judging.options`), and its
name below or an entry point of the group `modellab.judges`.
"""

from typing import Annotated

from modellab.core.registry import OptionsFamily
from modellab.judging.options import JudgeOptions

__all__ = ["JUDGES", "JudgeEntry", "parse_judge"]

JUDGES: OptionsFamily[JudgeOptions] = OptionsFamily(
    "judge",
    "modellab.judges",
    JudgeOptions,
    {
        "ragas": "modellab.judging.ragas.options:RagasOptions",
        "rubric": "modellab.judging.rubric.options:RubricOptions",
    },
)

JudgeEntry = Annotated[JudgeOptions, JUDGES]
parse_judge = JUDGES.parse
