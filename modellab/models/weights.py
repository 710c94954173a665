"""Weights of local models: folders, .gguf files and the hub's cache, and what identifies them."""

import json
import logging
import os
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from modellab.core.errors import InputError, first_line, one_line
from modellab.core.fingerprint import digest, file_digest
from modellab.core.io.atomic import atomic_file
from modellab.core.io.jsonl import read_json
from modellab.models.chat import WeightsOptions

log = logging.getLogger(__name__)

#: size in bytes from which a file's digest is remembered
LARGE_FILE = 2**20
#: a file younger than this may change again without its time stamp showing it
SETTLED_SECONDS = 2.0
#: first bytes of a pointer of Git LFS, and a size that none reaches
_LFS_POINTER, _LONGEST_POINTER = b"version https://git-lfs.github.com/spec/", 1024
#: the same weights for other programs
_OTHER_FORMATS = (
    *("*.h5", "*.msgpack", "*.onnx", "*.gguf", "*.tflite", "*.ot", "onnx/*", "original/*"),
)
#: not downloaded where there are safetensors
_PICKLES = ("*.bin", "*.pth", "*.pt")
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
_PART = re.compile(r"-\d{5}-of-(\d{5})\.gguf$")
#: characters of an error of several lines
_LONGEST_ERROR = 300
#: suffixes of files with weights in any format
_WEIGHT_SUFFIXES = (
    *(".safetensors", ".bin", ".pt", ".pth", ".gguf", ".npz", ".onnx", ".h5", ".msgpack"),
)
_GGUF_ADVICE = "use `provider: served` with `engine: llama.cpp`, or Ollama"
_NOT_ON_HUB = "neither a folder here nor a model that the hub gives"
#: patterns in errors of the hub, and the message
_HUB_ERRORS = (
    (
        "GatedRepoError|gated repo",
        "the hub gives this model only to those who accepted its terms: accept them at "
        "https://huggingface.co/{id} and set HF_TOKEN",
    ),
    ("RepositoryNotFoundError|RevisionNotFoundError", f"{_NOT_ON_HUB}: {{error}}"),
    (
        "connect|offline|cached",
        f"{_NOT_ON_HUB}: it is not in the hub's cache and the hub cannot be reached; run "
        "`snakemake fetch_models` where there is a network, or name a folder",
    ),
)
#: patterns in errors of transformers, and the message
_LOADING_ERRORS = (
    (
        "SafetensorError",
        "cannot be loaded: a file of weights is damaged or not complete ({error})",
    ),
    (
        "trust_remote_code|contains custom code",
        "it needs code that comes with it: read that code, then set `trust_remote_code: true`",
    ),
    (
        "ignore_mismatched_sizes|size mismatch",
        "cannot be loaded: the weights have other sizes than config.json says; they do not belong "
        "together",
    ),
    (
        "backend tokenizer",
        "cannot be loaded: it has no tokenizer files, or they need the package sentencepiece or "
        "tiktoken",
    ),
    (
        "does not recognize this architecture",
        "cannot be loaded: {error} (a newer version of transformers may know it)",
    ),
)


def weights_identity(options: WeightsOptions) -> Mapping[str, Any]:
    """`{"weights": digest}` of a folder or .gguf, `{"model": id, "commit": sha}` of a hub model.

    Raises InputError when they are not there, or the hub has no such model.
    """
    if not options.is_local():
        return {"model": options.model, "commit": _hub_commit(options)}
    if not options.is_gguf():
        return {"weights": _folder_digest(options.path())}
    parts = _gguf_parts(options.path())
    check_complete(parts)
    digests = [remembered_digest(part) for part in parts]
    return {"weights": digests[0] if len(digests) == 1 else digest(digests)}


def location(options: WeightsOptions) -> str:
    """The path or hub id to load from; a hub model that is in the cache is a folder too.

    So a job asks no hub for what is there, and `main` stays the commit that was fetched.
    """
    if options.is_local():
        return str(options.path())
    return str(cached_snapshot(options.model, options.revision) or options.model)


def cached_snapshot(model: str, revision: str | None) -> Path | None:
    """The folder of a revision in the hub's cache, named by its commit; None if not complete."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(model, "config.json", revision=revision or "main")
    if not isinstance(found, str):
        return None
    folder = Path(found).parent
    return folder if any(_has_weights(folder, name) for name in _WEIGHTS) else None


def fetch(options: WeightsOptions) -> Mapping[str, Any]:
    """Download the files of a hub model that are not in the cache; the commit that it now is.

    Raises InputError where the hub cannot be reached or does not give the model.
    """
    from huggingface_hub import HfApi, snapshot_download

    if not options.downloads():
        return {}
    try:
        files = HfApi().list_repo_files(options.model, revision=options.revision)
        safe = any(name.endswith(".safetensors") for name in files)
        left_out = [*_OTHER_FORMATS, *(_PICKLES if safe else ())]
        path = snapshot_download(options.model, revision=options.revision, ignore_patterns=left_out)
    except (OSError, ValueError) as error:
        raise loading_error(options, error) from None
    commit = Path(path).name
    return {"model": options.model, "revision": options.revision or "main", "commit": commit}


def check_complete(files: Sequence[Path]) -> None:
    """Raises InputError for the pointers that `git clone` leaves of large files without git-lfs."""
    for path in files:
        short = path.stat().st_size < _LONGEST_POINTER
        if short and path.read_bytes().startswith(_LFS_POINTER):
            raise InputError(
                f"{path}: a pointer of Git LFS, not the file itself; run `git lfs pull` there, or "
                "download the model again"
            )


def remembered_digest(path: Path) -> str:
    """SHA-256 of a file; that of a large one is read once and remembered until the file changes."""
    before = path.stat()
    if before.st_size < LARGE_FILE:
        return file_digest(path)
    stamp = [before.st_size, before.st_mtime_ns, before.st_ctime_ns, before.st_ino]
    note = cache_folder() / "weights" / digest([str(path.resolve()), *stamp])
    try:
        return note.read_text(encoding="utf-8")
    except OSError:
        value = file_digest(path)
    if time.time() - max(before.st_mtime, before.st_ctime) > SETTLED_SECONDS:
        try:
            with atomic_file(note) as handle:
                handle.write(value)
        except OSError as error:
            log.warning("%s: cannot be written: %s", note, error)
    return value


def cache_folder() -> Path:
    """`$MODELLAB_CACHE`, else `modellab` in `$XDG_CACHE_HOME`, else `~/.cache/modellab`."""
    named = os.environ.get("MODELLAB_CACHE")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "modellab"


def loading_error(options: WeightsOptions, error: Exception) -> InputError:
    """The user's error for an exception of transformers or the hub."""
    causes: list[BaseException] = []
    link: BaseException | None = error
    while link is not None:
        causes.append(link)
        link = link.__cause__ or link.__context__
    text = " ".join(f"{type(cause).__name__}: {cause}" for cause in causes)
    table = _LOADING_ERRORS if options.is_local() else _HUB_ERRORS + _LOADING_ERRORS
    found = (advice for pattern, advice in table if re.search(pattern, text))
    advice = next(found, "cannot be loaded: {error}")
    said = first_line(error)
    if said.endswith(":"):  # what is wrong is in the next line
        said = one_line(error)[:_LONGEST_ERROR]
    return InputError(f"{options.model}: {advice.format(id=options.model, error=said)}")


def check_model_folder(folder: Path) -> None:
    """Raises InputError, with what it is instead, for a path that is no folder of a chat model."""
    _check_config(folder)
    files = [path for path in folder.iterdir() if path.is_file()]
    check_complete(files)
    if any(_has_weights(folder, name) for name in _WEIGHTS):
        if (folder / "modules.json").is_file():
            raise InputError(
                f"{folder}: a sentence-transformers model, which makes vectors and no text; use it "
                "as an embedder"
            )
        return
    others = sorted(path.name for path in files if path.suffix in _WEIGHT_SUFFIXES)
    there = f"; it has {', '.join(others[:3])}" if others else ""
    raise InputError(
        f"{folder}: no weights that transformers reads (model.safetensors or pytorch_model.bin, "
        f"with all their parts){there}"
    )


def _check_config(folder: Path) -> None:
    """Raises InputError where there is no config.json, or only that of a LoRA adapter's base."""
    if not folder.exists():
        raise InputError(f"{folder}: there is no such folder")
    ours = any(_has_weights(folder, name) for name in _WEIGHTS)
    if not ours and (folder.suffix == ".gguf" or [*folder.glob("*.gguf")]):
        raise InputError(f"{folder}: a model in the GGUF format; {_GGUF_ADVICE}")
    adapter = folder / "adapter_config.json"
    if not ours and adapter.is_file():
        base = read_json(adapter).get("base_model_name_or_path")
        raise InputError(
            f"{folder}: a LoRA adapter of {base}, not a model; merge it into that model "
            "(`merge_and_unload` of the package peft) and name the merged folder"
        )
    if not (folder / "config.json").is_file():
        inner = sorted(path.parent.name for path in folder.glob("*/config.json"))
        advice = f"; {', '.join(inner[:3])} in it has one: name that folder" if inner else ""
        raise InputError(f"{folder}: not a model folder (it has no config.json){advice}")


def _folder_digest(folder: Path) -> str:
    """SHA-256 over names and contents of the files directly in a model folder."""
    _check_config(folder)
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.suffix != ".md")
    check_complete(files)
    return digest({path.name: remembered_digest(path) for path in files})


def _gguf_parts(path: Path) -> Sequence[Path]:
    """The files of a model in the GGUF format, which may be split. Raises InputError."""
    split = _PART.search(path.name)
    names = [path.name]
    if split:
        begin, count = path.name[: split.start()], int(split.group(1))
        names = [f"{begin}-{at:05d}-of-{count:05d}.gguf" for at in range(1, count + 1)]
    parts = [path.with_name(name) for name in names]
    missing = next((part for part in parts if not part.is_file()), None)
    if missing:
        raise InputError(f"{missing}: there is no such file")
    return parts


def _has_weights(folder: Path, name: str) -> bool:
    if (folder / name).exists():
        return True
    index = folder / f"{name}.index.json"
    if not index.exists():
        return False
    shards = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    return all((folder / shard).exists() for shard in shards)


def _hub_commit(options: WeightsOptions) -> str:
    from transformers.utils.hub import cached_file

    there = cached_snapshot(options.model, options.revision)
    if there is not None:
        return there.name
    try:
        path = cached_file(options.model, "config.json", revision=options.revision or "main")
    except (OSError, ValueError) as error:
        raise loading_error(options, error) from None
    # .../snapshots/{commit}/config.json
    return Path(str(path)).parent.name
