"""Which files of the results folder a bundle takes, and under which names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from modellab.core.errors import InputError

#: folders of a dataset that are taken whole; the page, and what it links to
_WHOLE = ("report", "plots", "judges", "wrong_questions")
_PER_MODEL = ("predictions/{}.jsonl", "runs/{}.json", "scores/{}.csv", "scores/{}.json")
_NEEDED = ("questions.jsonl", "leaderboard.csv", "report/index.html")


def dataset_files(folder: Path, models: Sequence[str]) -> dict[str, Path]:
    """By name in the bundle: tables, page, plots, questions, and what each model answered.

    Journals, contexts and indexes are left out: nothing is scored with them. Raises InputError
    for a file that must be there and is not.
    """
    needed = [*_NEEDED, *(pattern.format(name) for name in models for pattern in _PER_MODEL)]
    for name in needed:
        if not (folder / name).is_file():
            raise InputError(f"{folder / name}: no such file; run snakemake first")
    shown = [*folder.iterdir(), *(file for name in _WHOLE for file in (folder / name).rglob("*"))]
    files = [*_plain_files(shown), *(folder / name for name in needed)]
    return {f"{folder.name}/{file.relative_to(folder).as_posix()}": file for file in files}


def _plain_files(paths: Sequence[Path]) -> Iterator[Path]:
    """No links, which may lead anywhere, and no hidden files."""
    for path in paths:
        hidden = path.name.startswith(".") or path.parent.name.startswith(".")
        if path.is_file() and not path.is_symlink() and not hidden:
            yield path
