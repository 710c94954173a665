"""RAGAS itself, imported without its telemetry, and with a clear word where it cannot be."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from modellab.core.errors import InputError

_INSTALL = "run: pip install -c constraints.txt -e '.[ragas]'"


def import_ragas() -> Any:
    """The module `ragas.metrics.collections`. Raises InputError where it cannot be imported.

    RAGAS imports a module that langchain-community dropped in 0.4.2, so the newest versions of
    the two do not go together, though pip finds no conflict.
    """
    os.environ["RAGAS_DO_NOT_TRACK"] = "true"
    try:
        from ragas.metrics import collections
    except ModuleNotFoundError as error:
        raise InputError(_reason(str(error.name))) from None
    return collections


def _reason(missing: str) -> str:
    if missing.split(".")[0] == "langchain_community" and missing != "langchain_community":
        return (
            f"judges of kind ragas: the library cannot be imported, because {missing} is missing; "
            f"it needs langchain-community below 0.4.2; {_INSTALL}"
        )
    return f"judges of kind ragas: the package {missing} is missing; {_INSTALL}"


def make_metric(class_name: str, parts: Mapping[str, Any]) -> Any:
    """A metric made of those parts (llm, embeddings, ...)."""
    return getattr(import_ragas(), class_name)(**parts)
