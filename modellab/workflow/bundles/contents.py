"""Which files of the results folder a bundle takes, and under which names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from modellab.core.errors import InputError
from modellab.workflow.bundles.tables import TABLES
from modellab.workflow.job_records import outdated, recorded_outputs

#: folders of a dataset that are taken whole; the page, and what it links to
_WHOLE = ("report", "plots", "judges", "wrong_questions")
_PER_MODEL = ("predictions/{}.jsonl", "runs/{}.json", "scores/{}.csv", "scores/{}.json")
_NEEDED = ("questions.jsonl", "report/index.html", *TABLES)


def dataset_files(folder: Path, models: Sequence[str]) -> dict[str, Path]:
    """By name in the bundle: tables, page, plots, questions, and what each model answered.

    Journals, contexts and indexes are left out: nothing is scored with them. Raises InputError
    for a file that must be there and is not, and for one that is out of date.
    """
    needed = [*_NEEDED, *(pattern.format(name) for name in models for pattern in _PER_MODEL)]
    for name in needed:
        if not (folder / name).is_file():
            raise InputError(f"{folder / name}: no such file; `modellab run` makes it")
    shown = [*folder.iterdir(), *(file for name in _WHOLE for file in (folder / name).rglob("*"))]
    files = [*_plain_files(shown), *(folder / name for name in needed)]
    _refuse_outdated(folder, files)
    return {f"{folder.name}/{file.relative_to(folder).as_posix()}": file for file in files}


def _refuse_outdated(folder: Path, files: Sequence[Path]) -> None:
    """Raises InputError for files that are not made of the scores beside them.

    Records say what a file was made of. Without a record, what is always made of scores must not
    be older than they are.
    """
    old, known = outdated(folder), recorded_outputs(folder)
    scored = max(path.stat().st_mtime_ns for path in (folder / "scores").glob("*.csv"))
    for file in files:
        places = (file, *file.parents)
        place = next((place for place in places if place in old), file)
        why = old.get(place, "")
        derived = file.relative_to(folder).parts[0] in (*TABLES, "report", "plots")
        if derived and known.isdisjoint(places) and file.stat().st_mtime_ns < scored:
            why = why or "older than the scores beside it"
        if why:
            raise InputError(f"{place}: {why}; `modellab run` makes again what is out of date")


def _plain_files(paths: Sequence[Path]) -> Iterator[Path]:
    """No links, which may lead anywhere, and no hidden files."""
    for path in paths:
        hidden = path.name.startswith(".") or path.parent.name.startswith(".")
        if path.is_file() and not path.is_symlink() and not hidden:
            yield path
