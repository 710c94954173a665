"""Which weights exactly: the digest of a folder, or the commit of a hub repository."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modellab.digest import digest, file_digest
from modellab.errors import InputError

if TYPE_CHECKING:
    from modellab.providers.transformers.options import TransformersOptions


def weights_identity(options: TransformersOptions) -> Mapping[str, Any]:
    """`{"weights": digest}` of a folder, `{"model": id, "commit": sha}` of a hub model.

    Raises InputError when the folder is not there, or the hub has no such model.
    """
    if options.is_folder():
        return {"weights": folder_digest(Path(options.model))}
    return {"model": options.model, "commit": _hub_commit(options)}


def folder_digest(folder: Path) -> str:
    """SHA-256 over names and contents of the files directly in a model folder."""
    if not (folder / "config.json").is_file():
        raise InputError(f"{folder}: not a model folder (it has no config.json)")
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.suffix != ".md")
    return digest({path.name: file_digest(path) for path in files})


def _hub_commit(options: TransformersOptions) -> str:
    from transformers.utils.hub import cached_file

    try:
        path = cached_file(options.model, "config.json", revision=options.revision or "main")
    except OSError as error:
        reason = str(error).strip().splitlines()[0]
        raise InputError(
            f"{options.model}: neither a folder here nor a model that the hub gives: {reason}"
        ) from None
    found = re.search(r"snapshots/([^/]+)/", str(path))
    if not found:
        raise InputError(f"{options.model}: the hub's cache does not name a commit ({path})")
    return found.group(1)
