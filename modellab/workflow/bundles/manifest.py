"""The manifest of a bundle: its files with their digests, and how to score them again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from modellab.core.errors import InputError
from modellab.core.layout import PREDICTIONS, ROWS, RUN, SUMMARY

MANIFEST = "manifest.json"
FORMAT = 1
#: the files of each model in the folder of a dataset
PER_MODEL = (PREDICTIONS, RUN, ROWS, SUMMARY)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BundledFile(_Strict):
    """One file: SHA-256 in hex, size in bytes."""

    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    bytes: Annotated[int, Field(ge=0)]


class Described(_Strict):
    """A model as tables name it; none of it decides a score."""

    provider: str
    model_id: str
    local: bool | None
    size_b: float | None


class Rescoring(_Strict):
    """All that decides scores and statistics of a dataset, except questions and predictions.

    `task` and `scorer` are options as plain data; `task_files` are files of the bundle that replace
    a path in the task's options, by key. `chunks` is a file, or None where the scorer does not read
    the documents. `statistics` are the options of intervals and tests.
    """

    task: dict[str, Any]
    task_files: dict[str, str]
    scorer: dict[str, Any]
    missing: Literal["incorrect", "ignore"]
    seed: int
    chunks: str | None
    models: dict[str, Described]
    statistics: dict[str, Any]
    statistics_seed: int


class Manifest(_Strict):
    """`commit` is that of the project's checkout, if any; `changed`: whether files differed."""

    format: Literal[1]
    modellab: str
    commit: str | None
    changed: bool | None
    datasets: dict[str, Rescoring]
    files: dict[str, BundledFile]


def manifest_text(manifest: Manifest) -> str:
    """JSON with models in the order of the config: equal manifests are equal bytes."""
    return json.dumps(manifest.model_dump(mode="json"), indent=1) + "\n"


def read_manifest(bundle: Path, text: bytes) -> Manifest:
    """The manifest in the text. Raises InputError for anything that is not one of this format."""
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{bundle}: {MANIFEST}: {where or 'file'}: {first['msg']}") from None
