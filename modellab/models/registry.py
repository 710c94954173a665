"""Generators and embedders by their names in a config.

A provider is a class of options; an installed package adds one by an entry point. The module that
the options name as their `implementation` is imported only when a model is opened, checked or
fetched.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from modellab.core.io.jsonl import write_json
from modellab.core.registry import OptionsFamily
from modellab.models.embedders.protocol import EmbedderOptions
from modellab.models.protocol import ModelOptions

_GENERATORS = "modellab.models.generators"
_EMBEDDERS = "modellab.models.embedders"

GENERATORS: OptionsFamily[ModelOptions] = OptionsFamily(
    "provider",
    "modellab.generators",
    ModelOptions,
    {
        "ensemble": f"{_GENERATORS}.ensemble:EnsembleOptions",
        "extractive": f"{_GENERATORS}.extractive:ExtractiveOptions",
        "keywords": f"{_GENERATORS}.baseline:KeywordsOptions",
        "litellm": "modellab.models.asking.options:LitellmOptions",
        "ollama": f"{_GENERATORS}.ollama.options:OllamaOptions",
        "openai": "modellab.models.asking.options:OpenAIOptions",
        "overlap": f"{_GENERATORS}.baseline:OverlapOptions",
        "passages": f"{_GENERATORS}.baseline:PassagesOptions",
        "patterns": f"{_GENERATORS}.patterns:PatternOptions",
        "served": f"{_GENERATORS}.served.options:ServedOptions",
        "submission": f"{_GENERATORS}.submission:SubmissionOptions",
        "transformers": f"{_GENERATORS}.transformers.options:TransformersOptions",
    },
    key="provider",
)

EMBEDDERS: OptionsFamily[EmbedderOptions] = OptionsFamily(
    "embedder",
    "modellab.embedders",
    EmbedderOptions,  # type: ignore[type-abstract, unused-ignore]
    {
        "tfidf-svd": f"{_EMBEDDERS}.tfidf_svd:TfidfSvdOptions",
        "sentence-transformers": f"{_EMBEDDERS}.sentence_transformers:SentenceTransformersOptions",
        "ollama": f"{_EMBEDDERS}.remote:OllamaEmbedderOptions",
        "openai": f"{_EMBEDDERS}.remote:OpenAIEmbedderOptions",
        "litellm": f"{_EMBEDDERS}.remote:LitellmEmbedderOptions",
        "served": f"{_EMBEDDERS}.remote:ServedEmbedderOptions",
        "stored": f"{_EMBEDDERS}.stored:StoredOptions",
    },
)

ModelEntry = Annotated[ModelOptions, GENERATORS]
EmbedderEntry = Annotated[EmbedderOptions, EMBEDDERS]
parse_model = GENERATORS.parse
parse_embedder = EMBEDDERS.parse


def fetch_model(options: ModelOptions, out: Path) -> None:
    """Download the missing files of a model, and write its resolved version."""
    write_json(out, options.fetch())
