"""The base of every part of the config: strict and unchangeable."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Options(BaseModel):
    """Unknown keys are errors; numbers are not taken from text; nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)
