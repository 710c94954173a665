"""The first page: the datasets with their reports, and past runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup

from modellab.core.errors import InputError
from modellab.core.layout import (
    NO_DATASETS,
    PAGE,
    QUESTIONS,
    REGISTRY,
    VERDICT,
    table_file,
)
from modellab.core.project import VERSION
from modellab.core.secrets import scrubber
from modellab.evaluation.compare.verdict import read_verdict
from modellab.reporting.page.untrusted import ASSETS, cleaner, template
from modellab.reporting.page.views import TABS
from modellab.reporting.registry.log import read_registry
from modellab.reporting.registry.pages import commit
from modellab.reporting.registry.records import RunRecord

_PAGE = Path(__file__).parent / "assets" / "index.html"
#: runs that the page shows; the registry's index has all
MOST_RUNS = 50


def index_page(root: Path) -> str:
    """HTML of the current content of the folder; names are untrusted text."""
    clean = cleaner(scrubber())
    registry = read_registry(root / REGISTRY)
    newest = registry.records[: -MOST_RUNS - 1 : -1]
    return template(_PAGE, clean).render(
        folder=str(root),
        version=VERSION,
        style=Markup((ASSETS / "style.css").read_text(encoding="utf-8")),  # noqa: S704 - our own
        datasets=list(datasets(root)),
        tabs=TABS,
        runs=[_run(root, record) for record in newest],
        all_runs=len(registry.records),
        troubles=registry.troubles,
    )


def datasets(root: Path) -> Iterator[dict[str, str | None]]:
    """The datasets of a results folder and of folders in it, such as `smoke`, by name."""
    for folder in sorted(_folders(root)):
        if _is_dataset(folder):
            yield _dataset(root, folder)
        elif folder.name not in NO_DATASETS:
            yield from (_dataset(root, one) for one in sorted(_folders(folder)) if _is_dataset(one))


def _folders(folder: Path) -> list[Path]:
    return [one for one in folder.iterdir() if one.is_dir() and not one.name.startswith(".")]


def _is_dataset(folder: Path) -> bool:
    return any((folder / file).is_file() for file in (QUESTIONS, table_file("leaderboard")))


def _dataset(root: Path, folder: Path) -> dict[str, str | None]:
    """`built` is when the page was written (UTC); None without a page."""
    page = folder / PAGE
    built = datetime.fromtimestamp(page.stat().st_mtime, UTC) if page.is_file() else None
    return {
        "name": folder.relative_to(root).as_posix(),
        "verdict": _verdict(folder),
        "built": f"{built:%Y-%m-%d %H:%M} UTC" if built else None,
        "report": _address(root, page) if built else None,
    }


def _verdict(folder: Path) -> str:
    path = folder / VERDICT
    if not path.is_file():
        return "no leaderboard yet"
    try:
        verdict = read_verdict(path)
    except InputError as error:
        return f"the verdict cannot be read: {error}"
    return " ".join(filter(None, (verdict.text, verdict.bounds)))


def _run(root: Path, record: RunRecord) -> dict[str, str]:
    best = record.best
    score = "-" if best is None or best.value is None else f"{best.system} {best.value:.4f}"
    return {
        "name": record.run,
        "address": _address(root, root / REGISTRY / f"{record.run}.md"),
        "timestamp": record.timestamp,
        "dataset": record.dataset,
        "verdict": record.verdict or score,
        "commit": commit(record, short=True),
    }


def _address(root: Path, path: Path) -> str:
    return "/" + quote(path.relative_to(root).as_posix())
