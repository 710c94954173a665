"""Judges: models that judge the answers of models.

A kind of judge is a folder with a subclass of `JudgeOptions` (`modellab.judging.options`), and its
name below or an entry point of the group `modellab.judges`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

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

if TYPE_CHECKING:
    JudgeEntry: TypeAlias = JudgeOptions
else:

    def __getattr__(name: str) -> Any:
        """The union of all members, for configs."""
        if name != "JudgeEntry":
            raise AttributeError(name)
        return JUDGES.entry()


def parse_judge(data: Mapping[str, Any]) -> JudgeOptions:
    """The options of one judge from plain data. Raises pydantic.ValidationError."""
    return JUDGES.parse(data)
