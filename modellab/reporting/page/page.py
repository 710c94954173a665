"""The report as files: `index.html`, and data beside it where a set is large."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from modellab.core.io.atomic import atomic_folder
from modellab.core.secrets import scrubber
from modellab.core.version import VERSION
from modellab.reporting.page.assets_digest import ASSETS
from modellab.reporting.page.question_data import matrix, question_pages, score_rows
from modellab.reporting.page.results import DatasetResults
from modellab.reporting.page.untrusted import Clean, cleaned, cleaner, json_in_page, json_script
from modellab.reporting.page.views import VIEWS
from modellab.tasks.protocol import Task

#: in the order in which they run
SCRIPTS = ("core.js", "tables.js", "matrix.js", "question.js", "start.js")
#: letters of one part of the questions' pages, and of all that the page itself may hold
_PART, _INSIDE = 300_000, 3_000_000


@dataclass
class Parts:
    """Blocks of data by name, as JSON: inside of the page while they are small, else in files."""

    folder: Path
    inside: dict[str, str] = field(default_factory=dict)
    size: int = 0
    outside: bool = False

    def add(self, name: str, text: str) -> None:
        self.size += len(text)
        self.inside[name] = text
        if self.outside or self.size > _INSIDE:
            self._move_out()

    def _move_out(self) -> None:
        self.outside = True
        self.folder.mkdir(exist_ok=True)
        for name, text in self.inside.items():
            path = self.folder / f"{name}.js"
            path.write_text(json_script(name, text), encoding="utf-8")
        self.inside.clear()


def write_report(results: DatasetResults, task: Task, out: Path) -> None:
    """Write the folder `out`, all or nothing."""
    clean = cleaner(scrubber())
    rows = score_rows(results)
    with atomic_folder(out) as folder:
        index = cleaned(matrix(results, rows), clean)
        pages = (cleaned(page, clean) for page in question_pages(results, rows, task))
        parts = Parts(folder / "data")
        index["parts"] = _add_pages(pages, parts)
        blocks = {"matrix": json_in_page(index), **parts.inside}
        text = _render(results, blocks, clean)
        (folder / "index.html").write_text(text, encoding="utf-8")


def _add_pages(pages: Iterator[Any], parts: Parts) -> list[int]:
    """Fill the parts; the part of each question."""
    places: list[int] = []
    waiting: list[str] = []
    size = number = 0
    for page in pages:
        waiting.append(json_in_page(page))
        places.append(number)
        size += len(waiting[-1])
        if size > _PART:
            parts.add(_part_name(number), _listed(waiting))
            waiting, size, number = [], 0, number + 1
    if waiting:
        parts.add(_part_name(number), _listed(waiting))
    return places


def _listed(texts: Sequence[str]) -> str:
    """A JSON list of what is JSON already."""
    return f"[{','.join(texts)}]"


def _part_name(number: int) -> str:
    return f"questions-{number:04d}"


def _render(results: DatasetResults, blocks: Mapping[str, str], clean: Clean) -> str:
    style, script = _asset("style.css"), "\n".join(_asset(name) for name in SCRIPTS)
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: clean(value) if type(value) is str else value,
    )
    return environment.from_string(_asset("page.html")).render(
        dataset=results.dataset,
        version=VERSION,
        views=[(view, list(view.build(results))) for view in VIEWS],
        blocks={name: Markup(text) for name, text in blocks.items()},  # noqa: S704 - no `<` in it
        style=Markup(style),  # noqa: S704 - our own files
        script=Markup(script),  # noqa: S704
        policy=_policy(style, script),
    )


def _policy(style: str, script: str) -> str:
    """Only this script and this style run, and nothing is fetched but data and plots of ours."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {_hash(script)} 'self' file:",
            f"style-src {_hash(style)}",
            "img-src 'self' file: data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")
