"""Judges: models that judge the answers of models.

A new kind of judge is one folder with a subclass of `JudgeOptions`, and one name in `JudgeEntry`
below.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from modellab.judging.ragas.options import RagasOptions
from modellab.judging.rubric.options import RubricOptions

JudgeEntry = Annotated[RagasOptions | RubricOptions, Field(discriminator="kind")]


def parse_judge(data: Mapping[str, Any]) -> JudgeEntry:
    """The options of one judge from plain data. Raises pydantic.ValidationError."""
    entry: JudgeEntry = TypeAdapter(JudgeEntry).validate_python(data)
    return entry
