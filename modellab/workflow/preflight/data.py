"""The files of corpora, datasets and usage: there, and readable."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from modellab.config.entries import made_questions, resolved_scorer
from modellab.config.schema import Config
from modellab.core.errors import InputError
from modellab.core.findings import Finding, failure, ok, warning
from modellab.evaluation.truth_check import checked_truths, warning_of
from modellab.questions.selection import chosen


def check_data(config: Config) -> Iterator[Finding]:
    for name, corpus in config.corpora.items():
        if corpus.path is not None:
            yield _readable(f"corpus {name}", corpus.path)
    for name, dataset in config.datasets.items():
        subject, path = f"dataset {name}", dataset.questions
        if path is not None and path in made_questions(config) and not path.exists():
            yield ok(subject, f"{path}: the run makes it")
        elif path is not None:
            yield _readable(subject, path)
            yield from _truths(config, name, path)
    for name, usage in config.query_logs.items():
        if usage.questions is not None:
            yield _readable(f"query log {name}", usage.questions)


def _truths(config: Config, name: str, path: Path) -> Iterator[Finding]:
    """True answers that the dataset's own scorer would mark as wrong; a file that is wrong."""
    subject, dataset, scorer = (
        f"dataset {name}",
        config.datasets[name],
        resolved_scorer(config, name),
    )
    try:
        read = dataset.written_as.read(path)
        asked = chosen(str(path), read, dataset.task, dataset.split, config.limit)
        questions = [dataset.task.completed(question) for question in asked]
        found = list(checked_truths(questions, dataset.task, scorer))
    except InputError as error:
        yield failure(subject, str(error), "correct the file")
        return
    if told := warning_of(found, scorer):
        yield warning(subject, told, "see docs/scoring.md, How values are compared")


def _readable(subject: str, path: Path) -> Finding:
    files = [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]
    closed = [file for file in files if not os.access(file, os.R_OK)]
    if closed or not files:
        what = f"{closed[0]}: cannot be read" if closed else f"{path}: an empty folder"
        return failure(subject, what, "correct the path in the config, or the file's permissions")
    return ok(subject, f"{path} ({len(files)} {'file' if len(files) == 1 else 'files'})")
