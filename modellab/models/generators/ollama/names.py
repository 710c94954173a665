"""Full names of models on an Ollama server: `[host/][namespace/]model:tag`."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

#: names of at most so many models are listed in a message
_LISTED = 5


def full_name(name: str) -> str:
    """The name with its implicit tag `:latest` written out, and its host in lower case.

    `qwen3` and `qwen3:latest` are one model; `qwen3:4b` and `qwen3:8b` are two, and so are
    `hf.co/a/model:Q4` and `a/model:Q4`.
    """
    *folders, model = name.strip().split("/")
    if len(folders) > 1:
        folders[0] = folders[0].lower()
    if ":" not in model:
        model += ":latest"
    return "/".join((*folders, model))


def is_same(name: str, other: str) -> bool:
    """Whether two names are one model on the server."""
    return full_name(name) == full_name(other)


def close_names(name: str, names: Sequence[str]) -> list[str]:
    """Up to five of `names` that look like `name`: other tags of the model first."""
    family = _family(name)
    relatives = sorted(other for other in names if _family(other) == family)
    similar = get_close_matches(full_name(name), names, n=_LISTED)
    return list(dict.fromkeys([*relatives, *similar]))[:_LISTED]


def _family(name: str) -> str:
    return full_name(name).rpartition(":")[0].rpartition("/")[2]
