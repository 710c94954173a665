"""What the first page lists: the datasets with their reports, and past runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from modellab.core.errors import InputError
from modellab.evaluation.compare.verdict import read_verdict
from modellab.reporting.registry.log import read_registry
from modellab.reporting.registry.pages import commit
from modellab.reporting.registry.records import RunRecord

#: folders of the results that are no datasets and hold none
_OTHERS = ("corpora", "logs", "models", "registry", "synthesis", "tiny-readers", "vectors")


@dataclass(frozen=True)
class Link:
    """A file: what it is called, and where it is."""

    name: str
    address: str


@dataclass(frozen=True)
class Shown:
    """One dataset. `built` is when its page was written, UTC; None where there is no page."""

    name: str
    built: str | None
    verdict: str
    report: str | None


@dataclass(frozen=True)
class ShownRun:
    """One line of the registry."""

    link: Link
    timestamp: str
    dataset: str
    verdict: str
    commit: str


def datasets(root: Path) -> Iterator[Shown]:
    """The datasets of a results folder and of folders in it, such as `smoke`, by name."""
    for folder in sorted(_folders(root)):
        if _is_dataset(folder):
            yield _shown(root, folder)
        elif folder.name not in _OTHERS:
            yield from (_shown(root, one) for one in sorted(_folders(folder)) if _is_dataset(one))


def past_runs(root: Path) -> tuple[list[ShownRun], list[str]]:
    """The newest first, and what could not be read."""
    registry = read_registry(root / "registry")
    return [_run(root, record) for record in reversed(registry.records)], registry.troubles


def _folders(folder: Path) -> list[Path]:
    return [one for one in folder.iterdir() if one.is_dir() and not one.name.startswith(".")]


def _is_dataset(folder: Path) -> bool:
    return (folder / "questions.jsonl").is_file() or (folder / "leaderboard.csv").is_file()


def _shown(root: Path, folder: Path) -> Shown:
    page = folder / "report" / "index.html"
    written = datetime.fromtimestamp(page.stat().st_mtime, UTC) if page.is_file() else None
    return Shown(
        folder.relative_to(root).as_posix(),
        f"{written:%Y-%m-%d %H:%M} UTC" if written else None,
        _verdict(folder),
        _address(root, page) if written else None,
    )


def _verdict(folder: Path) -> str:
    """The sentence on the best system, and the one on bounds."""
    path = folder / "verdict.json"
    if not path.is_file():
        return "no leaderboard yet"
    try:
        verdict = read_verdict(path)
    except InputError as error:
        return f"the verdict cannot be read: {error}"
    return " ".join(filter(None, (verdict.text, verdict.bounds)))


def _run(root: Path, record: RunRecord) -> ShownRun:
    best = record.best
    known = "-" if best is None or best.value is None else f"{best.system} {best.value:.4f}"
    page = root / "registry" / f"{record.run}.md"
    return ShownRun(
        Link(record.run, _address(root, page)),
        record.timestamp,
        record.dataset,
        record.verdict or known,
        commit(record, short=True),
    )


def _address(root: Path, path: Path) -> str:
    return "/" + quote(path.relative_to(root).as_posix())
