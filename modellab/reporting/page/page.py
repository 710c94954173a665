"""The report as files: `index.html`, and data beside it if there is much of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copyfile
from typing import Any

from markupsafe import Markup

from modellab.core import layout
from modellab.core.io.atomic import atomic_file, atomic_folder
from modellab.core.project import VERSION
from modellab.core.secrets import scrubber
from modellab.core.text.escape import markdown_text
from modellab.evaluation.compare.score_files import FIRST_REPEAT
from modellab.reporting.page.blocks import Block, Picture, Section
from modellab.reporting.page.question_data import matrix, question_pages, score_rows
from modellab.reporting.page.results import DatasetResults
from modellab.reporting.page.untrusted import (
    ASSETS,
    Clean,
    cleaned,
    cleaner,
    json_in_page,
    json_script,
    template,
)
from modellab.reporting.page.views import TABS
from modellab.reporting.page.views.answer import context_line
from modellab.tasks.protocol import TaskOptions

#: in the order in which they run; files beside the page, like the style, so that the page stays
#: readable if it is served with a strict policy
SCRIPTS = ("dataTables.min.js", "core.js", "tables.js", "questions.js", "question.js", "start.js")
STYLE = "style.css"
_POLICY = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src 'self' file:" for kind in ("script", "style")),
        "img-src 'self' file: data:",
        "base-uri 'none'",
        "form-action 'none'",
    )
)
#: letters of one file of questions, and of all data inside the page
_PART, _INSIDE = 300_000, 3_000_000

#: by file or folder what it is: first what to open, then the rest
_README = {
    layout.PAGE: "open this first: the verdict, down to each answer",
    "leaderboard.csv": "a row per system (also `.md` and `.tex`); `verdict.json`: who is the best",
    "statistics.csv": "every metric of every system with its interval",
    "matrix.csv": "a row per question, with all answers",
    layout.PLOTS: "the plots as PNG, SVG and PDF",
    layout.AUDIT: "what may be wrong with the runs",
    layout.DATA_CARD: "what the questions are made of",
    "comparisons.csv": "which systems differ; `errors.csv`: what each got wrong; `retrieval.csv`; "
    "`judge_scores.csv`",
    layout.TABLES: "all other tables; with targets, `status.csv` compares with them",
    "predictions": "every answer, and with its scores in `scores`; `runs`: settings and machine",
    layout.QUESTIONS: "the questions as they were read; `contexts`: the passages for each of them",
    "journal": "answers as they arrived: a run that is started again continues from here",
}


@dataclass(frozen=True)
class ShownTab:
    """A tab with the sections that are not empty, and their blocks."""

    name: str
    title: str
    count: int
    sections: Sequence[tuple[Section, Sequence[Block]]]


@dataclass
class Parts:
    """Blocks of JSON by name: inside the page while they are small, else in files."""

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


def write_report(results: DatasetResults, task: TaskOptions, page: Path) -> None:
    """Write the folder `page`, all or nothing."""
    clean = cleaner(scrubber())
    rows = score_rows(results)
    with atomic_folder(page) as folder:
        index = cleaned(matrix(results, rows), clean)
        pages = (cleaned(one, clean) for one in question_pages(results, rows, task))
        parts = Parts(folder / "data")
        short_answers: dict[str, list[str]] = {}
        index["parts"] = _add_pages(pages, parts, short_answers)
        for place, entry in enumerate(results.entries):
            parts.add(f"answers-{place:04d}", json_in_page(short_answers.get(entry.name, [])))
        blocks = {"matrix": json_in_page(index), **parts.inside}
        tabs = _tabs(results)
        _copy_pictures(tabs, folder / "pictures")
        for name in (STYLE, *SCRIPTS):
            copyfile(ASSETS / name, folder / name)
        text = _render(results, tabs, blocks, clean)
        (folder / "index.html").write_text(text, encoding="utf-8")


def _add_pages(
    pages: Iterator[Any], parts: Parts, short_answers: dict[str, list[str]]
) -> list[int]:
    """Fill the parts, and `short_answers` by system with its first answer to each question.

    Returns the part of each question.
    """
    places: list[int] = []
    waiting: list[str] = []
    size = number = 0
    for place, page in enumerate(pages):
        for answer in page["answers"]:
            own = short_answers.setdefault(answer["system"], [])
            if answer["repeat"] == FIRST_REPEAT:
                own += [""] * (place - len(own))
                own.append(answer["short"])
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
    """A JSON list of JSON texts."""
    return f"[{','.join(texts)}]"


def _part_name(number: int) -> str:
    return f"questions-{number:04d}"


def _render(
    results: DatasetResults, tabs: Sequence[ShownTab], blocks: Mapping[str, str], clean: Clean
) -> str:
    return template(ASSETS / "page.html", clean).render(
        dataset=results.dataset,
        version=VERSION,
        context=context_line(results),
        tabs=tabs,
        absent=[s.absent for tab in TABS for s in tab.sections if s.absent and not _shown(s, tabs)],
        blocks={name: Markup(text) for name, text in blocks.items()},  # noqa: S704 - no `<` in it
        scripts=SCRIPTS,
        policy=_POLICY,
    )


def _shown(section: Section, tabs: Sequence[ShownTab]) -> bool:
    return any(one is section for tab in tabs for one, _ in tab.sections)


def _tabs(results: DatasetResults) -> list[ShownTab]:
    built = [
        ShownTab(
            tab.name,
            tab.title,
            tab.count(results),
            [(s, blocks) for s in tab.sections if (blocks := list(s.build(results)))],
        )
        for tab in TABS
    ]
    return [tab for tab in built if tab.sections]


def _copy_pictures(tabs: Sequence[ShownTab], folder: Path) -> None:
    blocks = [block for tab in tabs for _, found in tab.sections for block in found]
    pictures = [block for block in blocks if isinstance(block, Picture)]
    if pictures:
        folder.mkdir()
    for picture in pictures:
        content = picture.content
        (folder / picture.file).write_bytes(
            content if isinstance(content, bytes) else content.read_bytes()
        )


def write_readme(results: DatasetResults, readme: Path) -> None:
    """Write `results/{dataset}/README.md`: the verdict and what to open."""
    verdict = results.verdict
    lines = [f"# Results of {markdown_text(results.dataset)}", ""]
    if verdict is not None:
        lines += [markdown_text(verdict.text), ""]
    for name, what in _README.items():
        if name == layout.PAGE or (results.folder / name).exists():
            lines.append(f"- [{name}]({name}): {what}")
    with atomic_file(readme) as handle:
        handle.write("\n".join(lines) + "\n")
