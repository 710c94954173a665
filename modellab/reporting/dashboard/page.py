"""The first page."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from modellab.core.secrets import scrubber
from modellab.core.version import VERSION
from modellab.reporting.dashboard.overview import datasets, past_runs
from modellab.reporting.page.assets_digest import ASSETS
from modellab.reporting.page.untrusted import cleaner
from modellab.reporting.page.views import TABS

_PAGE = Path(__file__).parent / "assets" / "index.html"
#: runs that the page shows; the registry's index has all
MOST_RUNS = 50


def index_page(root: Path) -> str:
    """HTML of what the folder holds now; names are untrusted text."""
    clean = cleaner(scrubber())
    runs, troubles = past_runs(root)
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: clean(value) if type(value) is str else value,
    )
    return environment.from_string(
        _PAGE.read_text(encoding="utf-8")
    ).render(
        folder=str(root),
        version=VERSION,
        style=Markup((ASSETS / "style.css").read_text(encoding="utf-8")),  # noqa: S704 - our own
        datasets=list(datasets(root)),
        tabs=TABS,
        runs=runs[:MOST_RUNS],
        all_runs=len(runs),
        troubles=troubles,
    )
