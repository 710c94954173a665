"""Judges: models that judge the answers of models.

A kind of judge is a folder with a subclass of `JudgeOptions` (`modellab.judging.options`), and its
name below or an entry point of the group `modellab.judges`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

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


def parse_judge(data: Mapping[str, Any]) -> JudgeOptions:
    """The options of one judge from plain data. Raises pydantic.ValidationError."""
    return JUDGES.parse(data)
