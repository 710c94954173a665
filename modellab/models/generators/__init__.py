"""Providers: what answers questions.

A new provider is one file (or folder) with a subclass of `ModelOptions`, and one name in
`ModelEntry` below.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from modellab.models.generators.ensemble import EnsembleOptions
from modellab.models.generators.extractive.options import ExtractiveOptions
from modellab.models.generators.keywords import KeywordsOptions
from modellab.models.generators.litellm.options import LitellmOptions
from modellab.models.generators.ollama.options import OllamaOptions
from modellab.models.generators.openai.options import OpenAIOptions
from modellab.models.generators.overlap import OverlapOptions
from modellab.models.generators.patterns import PatternOptions
from modellab.models.generators.submission import SubmissionOptions
from modellab.models.generators.transformers.options import TransformersOptions

ModelEntry = Annotated[
    ExtractiveOptions
    | EnsembleOptions
    | KeywordsOptions
    | LitellmOptions
    | OllamaOptions
    | OpenAIOptions
    | OverlapOptions
    | PatternOptions
    | SubmissionOptions
    | TransformersOptions,
    Field(discriminator="provider"),
]


def parse_model(data: Mapping[str, Any]) -> ModelEntry:
    """The options of one model from plain data. Raises pydantic.ValidationError."""
    entry: ModelEntry = TypeAdapter(ModelEntry).validate_python(data)
    return entry
