"""How large the report of many answers is, how long it takes to make, and how it feels.

    python benchmarks/report_scale.py --models 20 --questions 10000

Synthetic results have the form that a run writes. The page is written in a process of its own, by
the function that the rule calls, and opened from disk in Chromium, where each step is timed by the
browser's own clock, from the event to the frame after next.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmark import ROOT, in_child, publish
from browser import Browser, chromium
from made_up_results import made_up

from modellab.core.io.csv_file import write_csv
from modellab.core.layout import QUESTIONS
from modellab.reporting.page.page import write_report
from modellab.reporting.page.results import DatasetResults
from modellab.reporting.tables.leaderboard import write_leaderboard
from modellab.tasks import parse_task

SEED = 20261121
#: letters of a raw answer and of a passage, and passages of a question
RAW, PASSAGE, PASSAGES = 400, 600, 5
_WORDS = (ROOT / "resources" / "demo" / "questions.csv").read_text(encoding="utf-8").split()

#: from an event to the frame after next, in milliseconds; `arguments[0]` is what to do
_TIMED = """
const done = arguments[arguments.length - 1];
const start = performance.now();
Promise.resolve(new Function(arguments[0])()).then(() => requestAnimationFrame(
  () => requestAnimationFrame(() => done(performance.now() - start))));
"""
_SET = """
const field = [...document.querySelectorAll('.filters label')].find(
  (label) => label.firstChild.textContent === '%s').querySelector('input, select');
field.value = '%s'; field.dispatchEvent(new Event('input'));
"""
_FIRST = """
const load = performance.getEntriesByType('navigation')[0];
const paint = performance.getEntriesByName('first-contentful-paint')[0];
return load.loadEventEnd > 0 && paint ? [paint.startTime, load.loadEventEnd] : null;
"""
FILTERS = {
    "search a word": ("Search", "electricity"),
    "search, one more letter": ("Search", "electricity w"),
    "search for nothing": ("Search", ""),
    "outcome: systems disagree": ("Outcome", "disagree"),
    "order: hardest first": ("Order", "hard"),
    "order: most disagreement first": ("Order", "split"),
    "outcome: any": ("Outcome", ""),
    "tag": ("Tag", "Math"),
    "all tags": ("Tag", ""),
}


def main() -> None:
    """Make results and page, open it, print the table."""
    args = _arguments()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "results" / "scale"
        models = write_results(folder, args.models, args.questions)
        lines = [*_head(args), *_built(folder, models), *_felt(folder, Path(name), args.rounds)]
    publish("\n".join(lines), args.out)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=20)
    parser.add_argument("--questions", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, help="a file for the table")
    return parser.parse_args()


def write_results(folder: Path, models: int, questions: int) -> list[str]:
    """A folder as a run leaves it, one retriever; the names of its models."""
    source = random.Random(SEED)  # noqa: S311 - filler, nothing secret
    data = made_up(models, questions, retrievers=1)
    retriever = data.models[0].summaries[0].retriever
    asked = [asdict(q) | {"text": f"{q.text} {_text(source, 90)}"} for q in data.questions]
    _lines(folder / QUESTIONS, asked)
    ids = [question["id"] for question in asked]
    _lines(folder / "contexts" / f"{retriever}.jsonl", _contexts(source, ids, retriever))
    for model in data.models:
        rows = [dict(row) for row in data.rows[model.name]]
        (folder / "scores").mkdir(parents=True, exist_ok=True)
        (folder / "scores" / f"{model.name}.json").write_text(json.dumps(asdict(model)))
        write_csv(folder / "scores" / f"{model.name}.csv", list(rows[0]), rows)
        _lines(folder / "predictions" / f"{model.name}.jsonl", _predictions(source, rows))
        (folder / "runs").mkdir(exist_ok=True)
        (folder / "runs" / f"{model.name}.json").write_text(json.dumps({"prompt": None}))
    write_leaderboard(folder / "leaderboard.csv", data.models)
    return [model.name for model in data.models]


def _text(source: random.Random, letters: int) -> str:
    return " ".join(source.choices(_WORDS, k=letters // 6))[:letters]


def _lines(path: Path, rows: Sequence[dict[str, Any]] | Iterator[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as handle:
        for row in rows:
            handle.write(json.dumps(row, ensure_ascii=False) + "\n")


def _contexts(source: random.Random, ids: Sequence[str], name: str) -> Iterator[dict[str, Any]]:
    for question in ids:
        passages = [
            {"chunk_id": f"doc#{n}", "document_id": "doc", "rank": n, "score": 1.0 / n}
            | {"text": _text(source, PASSAGE), "title": "A document", "year": 2024}
            for n in range(1, PASSAGES + 1)
        ]
        yield {"question_id": question, "retriever": name, "passages": passages}


def _predictions(source: random.Random, rows: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        answer = {"answer_value": _text(source, 20), "ref_id": '["doc"]'}
        answer["explanation"] = _text(source, 120)
        yield {
            **{key: row[key] for key in ("question_id", "retriever", "status")},
            "repeat": int(row["repeat"]),
            "answer": answer,
            "raw": _text(source, RAW),
            "key": "k",
            "latency_seconds": 1.5,
            "prompt_tokens": 900,
            "completion_tokens": 80,
            "passages": [f"doc#{n}" for n in range(1, PASSAGES + 1)],
        }


def _head(args: argparse.Namespace) -> Iterator[str]:
    yield f"# The report of {args.questions:,} questions and {args.models} models"
    yield ""
    yield (
        f"Made-up results: one retriever, {PASSAGES} passages of {PASSAGE} letters for a question, "
        f"answers of {RAW} letters. Python {platform.python_version()}, {os.cpu_count()} cores, "
        f"Chromium without a window. Again: `python benchmarks/report_scale.py --models "
        f"{args.models} --questions {args.questions}`."
    )
    yield ""


def _built(folder: Path, models: Sequence[str]) -> Iterator[str]:
    task = parse_task("wattbot")
    results = DatasetResults(folder, models)
    seconds, processor, memory = in_child(lambda: write_report(results, task, folder / "report"))
    files = [path for path in (folder / "report" / "data").glob("*") if path.is_file()]
    sizes = [path.stat().st_size for path in files]
    page = (folder / "report" / "index.html").stat().st_size
    yield f"| making it, {os.getloadavg()[0]:.1f} processes at work | |"
    yield "|---|---:|"
    yield f"| seconds | {seconds:.1f} |"
    yield f"| CPU seconds | {processor:.1f} |"
    yield f"| memory, MB | {memory:.0f} |"
    yield f"| page, MB | {page / 1e6:.1f} |"
    yield f"| data files beside it | {len(files)} |"
    yield f"| all of them, MB | {sum(sizes) / 1e6:.0f} |"
    yield f"| the largest, MB | {max(sizes, default=0) / 1e6:.1f} |"
    yield ""


def _felt(folder: Path, profile: Path, rounds: int) -> Iterator[str]:
    address = (folder / "report" / "index.html").as_uri()
    times: dict[str, list[float]] = {}
    with chromium(profile / "profile") as browser:
        browser.look(1280)
        for _ in range(rounds):
            for name, milliseconds in _round(browser, address):
                times.setdefault(name, []).append(milliseconds)
    busy = f"{os.getloadavg()[0]:.1f} processes at work on {os.cpu_count()} cores"
    yield f"Times in the browser, with {busy}, this one included:"
    yield ""
    yield f"| {rounds} rounds | median ms | slowest ms |"
    yield "|---|---:|---:|"
    for name, found in times.items():
        yield f"| {name} | {statistics.median(found):.0f} | {max(found):.0f} |"


def _round(browser: Browser, address: str) -> Iterator[tuple[str, float]]:
    browser.open("about:blank")
    browser.open(f"{address}#answer")
    paint, load = browser.wait(_FIRST)
    yield "first view: something to see", paint
    yield "first view: all of it loaded", load
    yield "to the questions", _timed(browser, "location.hash = '#questions'; return route(true);")
    for name, (field, value) in FILTERS.items():
        yield name, _timed(browser, _SET % (field, value))
    yield (
        "next page",
        _timed(browser, "[...document.querySelectorAll('.pager button')].at(-1).click()"),
    )
    first = "document.querySelector('td.asked a')"
    yield "to a question", _timed(browser, f"location.hash = {first}.hash; return route(true);")


def _timed(browser: Browser, script: str) -> float:
    body = {"script": _TIMED, "args": [script]}
    return float(browser.call("POST", "/execute/async", body))


if __name__ == "__main__":
    main()
