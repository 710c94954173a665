"""Providers: what answers questions.

A new provider is one file (or folder) with a subclass of `ModelOptions`, and one name in
`ModelEntry` below.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from modellab.providers.ensemble import EnsembleOptions
from modellab.providers.extractive.options import ExtractiveOptions
from modellab.providers.keywords import KeywordsOptions
from modellab.providers.litellm.options import LitellmOptions
from modellab.providers.ollama.options import OllamaOptions
from modellab.providers.overlap import OverlapOptions
from modellab.providers.patterns import PatternOptions
from modellab.providers.submission import SubmissionOptions
from modellab.providers.transformers.options import TransformersOptions

ModelEntry = Annotated[
    ExtractiveOptions
    | EnsembleOptions
    | KeywordsOptions
    | LitellmOptions
    | OllamaOptions
    | PatternOptions
    | OverlapOptions
    | SubmissionOptions
    | TransformersOptions,
    Field(discriminator="provider"),
]


def parse_model(data: Mapping[str, Any]) -> ModelEntry:
    """The options of one model from plain data. Raises pydantic.ValidationError."""
    entry: ModelEntry = TypeAdapter(ModelEntry).validate_python(data)
    return entry
