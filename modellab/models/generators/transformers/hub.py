"""Models of the hub: what its cache holds, and how to fetch what is missing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modellab.models.generators.transformers.loading_errors import loading_error
from modellab.models.generators.transformers.options import TransformersOptions

#: the same weights once more, for other programs
OTHER_FORMATS = (
    "*.h5",
    "*.msgpack",
    "*.onnx",
    "*.gguf",
    "*.tflite",
    "*.ot",
    "onnx/*",
    "original/*",
)
#: left out where there are safetensors
PICKLES = ("*.bin", "*.pth", "*.pt")
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")


def location(options: TransformersOptions) -> str:
    """What transformers loads from; a hub model that is in the cache is a folder too.

    So a job asks no hub for what is there, and `main` stays the commit that was fetched.
    """
    if options.is_folder():
        return str(options.folder())
    return str(cached_snapshot(options.model, options.revision) or options.model)


def cached_snapshot(model: str, revision: str | None) -> Path | None:
    """The folder of a revision in the hub's cache, named by its commit; None if not complete."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(model, "config.json", revision=revision or "main")
    if not isinstance(found, str):
        return None
    folder = Path(found).parent
    return folder if any(_has_weights(folder, name) for name in _WEIGHTS) else None


def fetched(options: TransformersOptions) -> Mapping[str, Any]:
    """Download the files of a revision that are not in the cache; the commit that it now is.

    Raises InputError where the hub cannot be reached or does not give the model.
    """
    from huggingface_hub import HfApi, snapshot_download

    try:
        files = HfApi().list_repo_files(options.model, revision=options.revision)
        safe = any(name.endswith(".safetensors") for name in files)
        left_out = [*OTHER_FORMATS, *(PICKLES if safe else ())]
        path = snapshot_download(options.model, revision=options.revision, ignore_patterns=left_out)
    except (OSError, ValueError) as error:
        raise loading_error(options, error) from None
    commit = Path(path).name
    return {"model": options.model, "revision": options.revision or "main", "commit": commit}


def _has_weights(folder: Path, name: str) -> bool:
    if (folder / name).exists():
        return True
    index = folder / f"{name}.index.json"
    if not index.exists():
        return False
    shards = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    return all((folder / shard).exists() for shard in shards)
