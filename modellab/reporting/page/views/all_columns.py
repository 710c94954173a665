"""The leaderboard with all its columns: components, outcomes, times, tokens, energy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from modellab.core.records import NO_ANSWER, Metric, Outcome, Summary
from modellab.evaluation.compare.entries import Entry
from modellab.models.energy import EnergyUsed, energy_used
from modellab.reporting.page.blocks import Cell, Column, Table
from modellab.reporting.page.links import questions_link, system_link
from modellab.reporting.page.numbers import (
    NOTHING,
    dollars,
    energy_cell,
    number,
    percent,
    plain,
    score,
    seconds,
)
from modellab.reporting.page.results import DatasetResults, Row
from modellab.reporting.page.tables import hint_of, label

#: the ways of an answer not to be right, which lead to the questions
_ENDINGS = {
    Outcome.WRONG.value: "rows answered wrong; leads to them",
    Outcome.DECLINED.value: "rows that abstain though there is an answer; leads to them",
    Outcome.HALLUCINATED.value: "rows that answer though there is no answer; leads to them",
}
#: how well a system knows when there is no answer
_ABSTAINING = {
    "abstention_precision": "share of its abstentions that are right",
    "abstention_recall": "share of the rows of unanswerable questions that abstain",
}

_STOPPED = "the questions that it was asked, and why there were no more (docs/adaptive.md)"


def all_columns(results: DatasetResults) -> list[Table]:
    """The leaderboard with every column: contenders, then controls."""
    caption = (
        "Each score stands with the rows behind it (n). Intervals are those of statistics.csv; "
        "systems whose difference is not significant are tied."
    )
    contenders, controls = results.competing
    boards = {
        "Leaderboard": [entry for entry in contenders if not entry.beaten],
        "Beaten early: scores of fewer questions": [e for e in contenders if e.beaten],
        "Leaderboard of controls": controls,
    }
    return [_leaderboard(title, caption, of, results) for title, of in boards.items() if of]


def _leaderboard(
    title: str,
    caption: str,
    entries: Sequence[Entry],
    results: DatasetResults,
) -> Table:
    overall, others = results.components[-1], results.components[:-1]
    task = results.shared_rules.task
    used = {name: energy_used(run) for name, run in results.runs.items()}
    columns = [
        Column("#", True, "rank by the overall score"),
        Column("system", hint="model and retriever; leads to its answers"),
        Column(label(overall), True, hint_of(overall, task)),
        Column("interval", True, "low to high"),
        *(Column(label(name), True, hint_of(name, task)) for name in others),
        Column("may be best", hint="in the model confidence set of the contenders"),
        Column("tied with", True, "systems that are not significantly different"),
        *(Column(name, True, hint) for name, hint in _ENDINGS.items()),
        *(Column(label(name), True, hint) for name, hint in _ABSTAINING.items()),
        Column("coverage", True, "share of questions that have a row"),
        *([Column("asked until", hint=_STOPPED)] if results.in_rounds else []),
        Column("no answer", True, "rows unparsed, failed or missing"),
        Column("p50", True, "median seconds from request to answer; failed requests left out"),
        Column("p95", True, "95th percentile of these seconds"),
        Column("answers/s", True, "by the wall clock of generation; * other work ran meanwhile"),
        Column("at once", True, "answers under way at a time, on average"),
        Column("generation", True, "wall clock of making all answers"),
        Column("retrieval", True, "wall clock of search, reranking and query planning"),
        Column("cost", True, "US dollars for all answers; nothing where no price is known"),
        Column("energy", True, "watt-hours of the GPUs in all runs, over all retrievers"),
        Column("tokens out", True),
    ]
    body = [_row(entry, results, results.statistics_of(entry.name), used) for entry in entries]
    return Table(title, columns, body, caption, "../leaderboard.csv")


def _row(
    entry: Entry, results: DatasetResults, row: Row, used: Mapping[str, EnergyUsed | None]
) -> list[Cell]:
    place = results.places[entry.name]
    overall, summary = results.components[-1], entry.summary
    low, high = number(row.get("overall_low")), number(row.get("overall_high"))
    equals = _equals(row)
    lost = sum(summary.statuses.get(status.value, 0) for status in NO_ANSWER)
    return [
        Cell(NOTHING if place is None else str(place), place),
        Cell(entry.name, link=system_link(entry.name)),
        _component(entry, overall),
        Cell(f"{score(low)} \u2013 {score(high)}" if low is not None else NOTHING, low),
        *(_component(entry, name) for name in results.components[:-1]),
        Cell({"True": "yes", "False": "no"}.get(row.get("may_be_best", ""), NOTHING)),
        Cell(str(len(equals)), float(len(equals))) if row and place else Cell(NOTHING),
        *(_ending(entry, name) for name in _ENDINGS),
        *(_metric(getattr(summary, name)) for name in _ABSTAINING),
        Cell(percent(summary.coverage), summary.coverage, tone=_tone(summary.coverage < 1)),
        *([_until(summary)] if results.in_rounds else []),
        Cell(str(lost), float(lost), tone=_tone(lost > 0)),
        Cell(seconds(summary.p50_latency_seconds), summary.p50_latency_seconds),
        Cell(seconds(summary.p95_latency_seconds), summary.p95_latency_seconds),
        _speed(summary),
        Cell(plain(summary.mean_concurrency), summary.mean_concurrency),
        Cell(seconds(summary.generation.seconds), summary.generation.seconds),
        Cell(seconds(summary.retrieval.seconds), summary.retrieval.seconds),
        Cell(dollars(summary.estimated_cost_usd), summary.estimated_cost_usd),
        energy_cell(used.get(entry.model.name)),
        Cell(plain(summary.output_tokens), summary.output_tokens),
    ]


def _until(summary: Summary) -> Cell:
    why = f"beaten by {summary.beaten_by}" if summary.beaten_by else summary.stopped
    return Cell(f"{summary.asked}: {why}" if why else "the end", summary.asked)


def _equals(row: Row) -> list[str]:
    return [name for name in row.get("not_distinguishable_from", "").split(";") if name]


def _component(entry: Entry, name: str) -> Cell:
    metric = entry.summary.metrics[name]
    return Cell(f"{score(entry.score(name))} (n={metric.n_scored:,})", entry.score(name))


def _metric(metric: Metric) -> Cell:
    if metric.value is None:
        return Cell(NOTHING)
    return Cell(f"{score(metric.value)} (n={metric.n_scored:,})", metric.value)


def _ending(entry: Entry, outcome: str) -> Cell:
    count = entry.summary.outcomes[outcome]
    link = questions_link(system=entry.name, outcome=outcome) if count else None
    return Cell(plain(count), count, link)


def _tone(bad: bool) -> str:
    return "warn" if bad else ""


def _speed(summary: Summary) -> Cell:
    told, beside = plain(summary.items_per_second), summary.measured_alone is False
    return Cell(f"{told} *" if beside else told, summary.items_per_second, tone=_tone(beside))
