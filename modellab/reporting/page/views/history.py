"""History: earlier runs over this dataset and their results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from modellab.core.layout import REGISTRY
from modellab.reporting.page.blocks import Block, Cell, Column, Picture, Table, Text
from modellab.reporting.page.numbers import NOTHING, amount, score, seconds
from modellab.reporting.page.pictures import MOST_LINES, lines_over_runs
from modellab.reporting.page.results import DatasetResults
from modellab.reporting.page.tables import MOST_ROWS, label, tabulate, with_cut
from modellab.reporting.page.views.checks import TONES
from modellab.reporting.registry.log import RUNS, read_registry
from modellab.reporting.registry.pages import commit
from modellab.reporting.registry.records import Change, RecordedMetric, RunRecord

#: the columns of runs that fit on a page
_MOST_RUNS = 12
#: from the folder of the dataset
_FOLDER = f"../{REGISTRY}"


def build(results: DatasetResults) -> list[Block]:
    registry = read_registry(results.folder.parent / REGISTRY)
    blocks: list[Block] = [Text(trouble, "warn") for trouble in registry.troubles]
    records = registry.of(results.dataset)
    runs = [(model, one) for model, run in results.runs.items() for one in run.get("runs") or ()]
    return [*blocks, *_over_time(records), *([_runs(runs)] if runs else [])]


def _over_time(records: Sequence[RunRecord]) -> list[Block]:
    if not records:
        return []
    recent = records[-_MOST_RUNS:]
    if len(recent) == 1:
        first = Text("So far there is one run; the next one gives a comparison.")
        return [first, _list(records)]
    return [_chart(recent), _scores(recent), _list(records)]


def _chart(recent: Sequence[RunRecord]) -> Picture:
    """The overall scores of the systems that are best today."""
    last = recent[-1]
    systems = [
        m.system
        for m in last.metrics
        if m.metric == last.overall and m.judge is None and m.system not in last.controls
    ]
    places = [(record.overall, record.by_place) for record in recent]
    lines = {
        system: [one.value if (one := by.get((system, name))) else None for name, by in places]
        for system in systems[:MOST_LINES]
    }
    title = f"{label(last.overall).capitalize()} over the last {len(recent)} runs"
    if len(systems) > MOST_LINES:
        title += f", the {MOST_LINES} best systems of today"
    content = lines_over_runs(_labels(recent), lines, label(last.overall))
    return Picture(title, "scores_over_runs.svg", content)


def _labels(records: Sequence[RunRecord]) -> list[str]:
    """Times, to the minute."""
    return [record.timestamp[:16].replace("T", " ") for record in records]


def _scores(recent: Sequence[RunRecord]) -> Table:
    """A row per system and metric, a column per run, the newest first."""
    newest = recent[::-1]
    found = [record.by_place for record in newest]
    places = list(dict.fromkeys(place for record in found for place in record))
    columns = [Column("system"), Column("metric")]
    columns.append(Column("change", True, "the last run minus the one before it"))
    columns += [Column(name, True) for name in _labels(newest)]
    body = [
        [
            Cell(place[0]),
            Cell(label(place[1])),
            _change(Change(*place, found[1].get(place), found[0].get(place))),
            *(_cell(record.get(place)) for record in found),
        ]
        for place in places[:MOST_ROWS]
    ]
    caption = with_cut("Each value with its number of rows (n), the newest run first.", places)
    return Table("Metrics over time", columns, body, caption, f"{_FOLDER}/{RUNS}")


def _cell(metric: RecordedMetric | None) -> Cell:
    if metric is None:
        return Cell(NOTHING)
    lost = f", {metric.n_failed} failed" if metric.n_failed else ""
    return Cell(f"{score(metric.value)} (n={metric.n_scored:,}{lost})", metric.value)


def _change(change: Change) -> Cell:
    difference = change.difference
    if difference is None:
        return Cell(NOTHING)
    return Cell(f"{difference:+.3f}" if difference else "0", difference)


def _list(records: Sequence[RunRecord]) -> Table:
    """All runs, the newest first, with the changes since the one before."""
    changes = ["", *(_changes(*pair) for pair in pairwise(records))]
    of = dict(zip((record.run for record in records), changes, strict=True))
    columns: dict[Column, Callable[[RunRecord], Cell]] = {
        Column("time (UTC)"): lambda one: Cell(one.timestamp),
        Column("run"): lambda one: Cell(one.run, link=f"../{_FOLDER}/{one.run}.md"),
        Column("status"): lambda one: Cell(
            one.status or NOTHING, tone=TONES.get(one.status or "", "")
        ),
        Column("best system"): lambda one: Cell(one.best.system if one.best else NOTHING),
        Column("score", True): lambda one: amount(one.best.value if one.best else None, score),
        Column("changed since the run before"): lambda one: Cell(of[one.run]),
        Column("commit"): lambda one: Cell(commit(one, short=True)),
        Column("author"): lambda one: Cell(one.author or NOTHING),
        Column("verdict"): lambda one: Cell(one.verdict or NOTHING),
    }
    caption = "Runs with unchanged results are not listed."
    return tabulate("Runs", records[::-1], columns, caption, f"{_FOLDER}/index.md")


def _changes(before: RunRecord, after: RunRecord) -> str:
    """What has changed of everything that decides results."""
    one, two = before.models, after.models
    weights = any(one[name].fingerprint != two[name].fingerprint for name in one if name in two)
    changes = {
        "settings": before.config != after.config,
        "models": set(one) != set(two),
        "fingerprint of models": weights,
        "judges": set(before.judges) != set(after.judges),
        "commit": before.project != after.project,
        "versions": before.versions != after.versions,
    }
    return ", ".join(name for name, changed in changes.items() if changed) or "only results"


def _runs(runs: list[tuple[str, Mapping[str, Any]]]) -> Table:
    newest = sorted(runs, key=lambda pair: str(pair[1].get("timestamp", "")), reverse=True)
    used = "answers of this run that are still used"
    columns: dict[Column, Callable[[tuple[str, Mapping[str, Any]]], Cell]] = {
        Column("made at"): lambda pair: Cell(str(pair[1].get("timestamp", ""))),
        Column("model"): lambda pair: Cell(pair[0]),
        Column("rows in use", True, used): lambda pair: amount(pair[1].get("rows")),
        Column("answers made", True): lambda pair: amount(pair[1].get("generated")),
        Column("seconds", True): lambda pair: amount(pair[1].get("wall_seconds"), seconds),
        Column("ended"): lambda pair: Cell(
            "yes" if pair[1].get("ended") else "killed, or still running"
        ),
    }
    return tabulate("Runs behind the answers", newest, columns)
