"""Fingerprints of plain data, files and questions; for code see `core.code`."""

import hashlib
import json
from pathlib import Path
from typing import Any

from modellab.core.records import Question

#: bytes; larger files are sampled
_WHOLE, _SAMPLE = 100_000_000, 2**20


def digest(value: Any) -> str:
    """SHA-256 of plain JSON data, independent of the order of keys.

    Raises TypeError for anything else: the `repr` of an object may contain its address.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def content_digest(path: Path) -> str:
    """SHA-256 of a file's content, or of all files of a folder with their names.

    A file of more than 100 MB, such as model weights, is sampled: its size, and 1 MiB each from
    its start, middle and end. Hidden files and folders are ignored.
    """
    if path.is_dir():
        files = (file for file in path.rglob("*") if file.is_file())
        names = {file.relative_to(path).as_posix(): file for file in files}
        shown = {n: file for n, file in names.items() if not n.startswith(".") and "/." not in n}
        return digest({name: content_digest(file) for name, file in shown.items()})
    size = path.stat().st_size
    if size <= _WHOLE:
        return file_digest(path)
    parts = hashlib.sha256(str(size).encode())
    with path.open("rb") as handle:
        for start in (0, size // 2, size - _SAMPLE):
            handle.seek(start)
            parts.update(handle.read(_SAMPLE))
    return parts.hexdigest()


def question_content(question: Question) -> str:
    """What is asked, and about which documents: equal for a question with several ids."""
    text, inputs = " ".join(question.text.split()), sorted(question.inputs.items())
    about = sorted(question.references), sorted(question.relevant_chunks), question.relevance
    return repr((text, inputs, question.images, about, question.unanswerable))
