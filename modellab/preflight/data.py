"""The files of datasets and corpora: there, and readable."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from modellab.config.schema import Config
from modellab.findings import Finding, failure, ok


def check_data(config: Config) -> Iterator[Finding]:
    for name, corpus in config.corpora.items():
        path = getattr(corpus, "path", None)
        if path is not None:
            yield _readable(f"corpus {name}", Path(path))
    for name, dataset in config.datasets.items():
        path = getattr(dataset, "questions", None)
        if path is not None:
            yield _readable(f"dataset {name}", Path(path))


def _readable(subject: str, path: Path) -> Finding:
    files = [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]
    closed = [file for file in files if not os.access(file, os.R_OK)]
    if closed or not files:
        what = f"{closed[0]}: cannot be read" if closed else f"{path}: an empty folder"
        return failure(subject, what, "correct the path in the config, or the file's permissions")
    return ok(subject, f"{path} ({len(files)} {'file' if len(files) == 1 else 'files'})")
