"""What the first page lists: datasets with what was made of them, and past runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from modellab.compare.entries import entry_name
from modellab.errors import InputError
from modellab.registry.log import read_registry
from modellab.registry.pages import commit
from modellab.registry.records import RunRecord
from modellab.storage.csvfile import read_csv

#: folders of the results that are no datasets and hold none
_OTHERS = ("corpora", "logs", "models", "registry", "synthesis", "tiny-readers", "vectors")
_PICTURES = (".svg", ".png", ".pdf")


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
    best: str
    report: str | None
    tables: tuple[Link, ...]
    plots: tuple[Link, ...]


@dataclass(frozen=True)
class ShownRun:
    """One line of the registry."""

    link: Link
    timestamp: str
    dataset: str
    best: str
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
    tables = [path for path in sorted(folder.glob("*")) if path.suffix in (".csv", ".md", ".tex")]
    tables += sorted((folder / "judges").glob("*.csv"))
    return Shown(
        folder.relative_to(root).as_posix(),
        f"{written:%Y-%m-%d %H:%M} UTC" if written else None,
        _best(folder / "leaderboard.csv"),
        _address(root, page) if written else None,
        tuple(Link(path.relative_to(folder).as_posix(), _address(root, path)) for path in tables),
        tuple(_plots(root, folder / "plots")),
    )


def _plots(root: Path, folder: Path) -> Iterator[Link]:
    """One per plot, in the first format that is there."""
    names = sorted({path.stem for path in folder.glob("*") if path.suffix in _PICTURES})
    for name in names:
        path = next(p for s in _PICTURES if (p := folder / f"{name}{s}").is_file())
        yield Link(name, _address(root, path))


def _best(path: Path) -> str:
    """The first system of a leaderboard with its overall score, the last of the components."""
    if not path.is_file():
        return "no leaderboard yet"
    try:
        rows = read_csv(path, ("model", "retriever")).rows
    except InputError as error:
        return f"the leaderboard cannot be read: {error}"
    if not rows:
        return "the leaderboard is empty"
    first, overall = rows[0], _overall(rows)
    score = f", {overall.replace('_', ' ')} {_rounded(first[overall])}" if overall else ""
    of = "the only system" if len(rows) == 1 else f"first of {len(rows)} systems"
    return f"{entry_name(first['model'], first['retriever'])}{score}: {of}"


def _rounded(cell: str) -> str:
    """Three decimals; what is no number stays as it stands."""
    try:
        return f"{float(cell):.3f}"
    except ValueError:
        return cell or "-"


def _overall(rows: Sequence[Mapping[str, str]]) -> str | None:
    """A component has its counts beside it."""
    names = list(rows[0])
    found = [name for name in names if f"{name}_n" in names and f"{name}_failed" in names]
    return found[-1] if found else None


def _run(root: Path, record: RunRecord) -> ShownRun:
    best = record.best
    told = "-" if best is None or best.value is None else f"{best.system} {best.value:.4f}"
    page = root / "registry" / f"{record.run}.md"
    return ShownRun(
        Link(record.run, _address(root, page)),
        record.timestamp,
        record.dataset,
        told,
        commit(record, short=True),
    )


def _address(root: Path, path: Path) -> str:
    return "/" + quote(path.relative_to(root).as_posix())
