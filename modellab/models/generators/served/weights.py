"""Which weights a served model has, and where they are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from modellab.core.errors import InputError
from modellab.core.fingerprint import digest
from modellab.models.generators.served.options import ServedOptions
from modellab.models.generators.transformers.hub import fetched, location
from modellab.models.generators.transformers.options import TransformersOptions
from modellab.models.generators.transformers.weights import (
    check_complete,
    remembered_digest,
    weights_identity,
)

_PART = re.compile(r"-\d{5}-of-(\d{5})\.gguf$")


def identity(options: ServedOptions) -> Mapping[str, Any]:
    """`{"weights": digest}` of a folder or .gguf, `{"model": id, "commit": sha}` of a hub model.

    Raises InputError when it is not there.
    """
    if not options.is_gguf():
        return weights_identity(_in_process(options))
    parts = gguf_parts(options.path())
    check_complete(parts)
    digests = [remembered_digest(part) for part in parts]
    return {"weights": digests[0] if len(digests) == 1 else digest(digests)}


def place(options: ServedOptions) -> tuple[str, str | None]:
    """What a server loads, and the commit where that is a hub id that is not downloaded yet."""
    if options.is_gguf():
        return str(options.path()), None
    found = location(_in_process(options))
    if Path(found).exists():
        return found, None
    return found, str(identity(options)["commit"])


def fetch(options: ServedOptions) -> Mapping[str, Any]:
    """Download what is missing. Raises InputError."""
    return fetched(_in_process(options))


def gguf_parts(path: Path) -> Sequence[Path]:
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


def _in_process(options: ServedOptions) -> TransformersOptions:
    """The same weights as the `transformers` provider names them."""
    return TransformersOptions(
        provider="transformers", model=options.model, revision=options.revision
    )
