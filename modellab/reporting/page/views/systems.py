"""The table of systems on the first screen: rank, score, interval, answers, time and cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import NamedTuple

from modellab.core.layout import table_file
from modellab.core.records import Outcome, Summary
from modellab.evaluation.compare.entries import Entry
from modellab.reporting.page.blocks import (
    Cell,
    Column,
    Interval,
    Part,
    Table,
    questions_link,
    system_link,
)
from modellab.reporting.page.numbers import NOTHING, number, score, seconds
from modellab.reporting.page.results import DatasetResults
from modellab.reporting.page.tables import hint_of, label

#: in the order of the bar
OUTCOMES: tuple[Outcome, ...] = (
    *(Outcome.RIGHT, Outcome.DECLINED, Outcome.WRONG, Outcome.HALLUCINATED),
    *(Outcome.FAILED, Outcome.MISSING),
)
#: what the bar of a system shows
OF_BAR = (
    "the answers by outcome: right; wrong; declined (abstained, though there is an answer); "
    "hallucinated (answered, though there is none); failed (no readable answer); missing; scored "
    "(answered, where no threshold says what is right)"
)


class Axis(NamedTuple):
    """The ends of the axis of the intervals, and closed book and oracle of the leader's model."""

    low: float
    high: float
    band: tuple[float, float] | None


def systems_table(
    title: str, caption: str, entries: Sequence[Entry], results: DatasetResults, axis: Axis | None
) -> Table:
    """A row per system, with the bar of its answers where some are right, and what was measured."""
    shown = list(_columns(results, axis))
    body = [[cell(entry) for _, cell in shown] for entry in entries]
    return Table(title, [column for column, _ in shown], body, caption, table_file("leaderboard"))


def _columns(
    results: DatasetResults, axis: Axis | None
) -> Iterator[tuple[Column, Callable[[Entry], Cell]]]:
    """The columns and what makes their cells, but for those that no system has a value of."""
    overall, every = results.components[-1], [entry.summary for entry in results.entries]
    yield (
        Column("#", True, "rank by the overall score; equal scores share a rank"),
        partial(_place, results),
    )
    yield Column("system", hint="model, and below it the retriever; links to its answers"), _system
    hint = hint_of(overall, results.shared_rules.task)
    yield Column(label(overall), True, hint), partial(_score, results)
    hint = "confidence interval of the score, drawn over the controls' band"
    yield Column("interval", hint=hint), partial(_interval, results, axis)
    if results.in_rounds:
        yield Column("asked", True, "number of questions it was asked"), _asked
    if any(summary.outcomes.get(Outcome.RIGHT.value) for summary in every):
        yield Column("answers", hint=OF_BAR), _bar
    if any(summary.seconds_per_answer is not None for summary in every):
        yield Column("time per answer", True, "wall clock of generation / answers"), _time
    if any(cost_of(summary) is not None for summary in every):
        hint = "US dollars for 1,000 answers; empty without a price"
        yield Column("cost per 1,000", True, hint), _cost


def _place(results: DatasetResults, entry: Entry) -> Cell:
    place, tied = results.places[entry.name], may_be_best(results, entry)
    return Cell(NOTHING if place is None else str(place), place, tone="tie" if tied else "")


def _system(entry: Entry) -> Cell:
    retriever = "" if entry.name == entry.model.name else entry.summary.retriever
    bundle = entry.model.bundle and f"from {entry.model.bundle}"
    part = part_of(entry.summary.coverage, entry.summary.num_questions)
    below = " \u00b7 ".join(filter(None, (retriever, bundle, part)))
    return Cell(entry.model.name, link=system_link(entry.name), below=below)


def _score(results: DatasetResults, entry: Entry) -> Cell:
    value, (low, high) = entry.score(results.components[-1]), bounds_of(results, entry)
    return Cell(score(value), value, below="" if low is None else f"{low:.2f}\u2013{high:.2f}")


def _interval(results: DatasetResults, axis: Axis | None, entry: Entry) -> Cell:
    value, (low, high) = entry.score(results.components[-1]), bounds_of(results, entry)
    return Cell("", low, interval=axis and _drawn(axis, low, value, high))


def _asked(entry: Entry) -> Cell:
    asked = entry.summary.asked
    return Cell(f"{asked} of {entry.summary.num_questions}", asked)


def _time(entry: Entry) -> Cell:
    took = entry.summary.seconds_per_answer
    return Cell(seconds(took), took)


def _cost(entry: Entry) -> Cell:
    cost = cost_of(entry.summary)
    return Cell(price(cost), cost)


def part_of(coverage: float, questions: int) -> str:
    """The number of questions that a score is of, if it is not of all."""
    return f"{round(coverage * questions)} of {questions} questions" if coverage < 1 else ""


def _bar(entry: Entry) -> Cell:
    counts, partly = entry.summary.outcomes, unclassified(entry.summary)
    total, start, parts = sum(counts.values()) + partly, 0.0, []
    if partly:
        start = 100 * partly / total
        parts.append(Part("scored", partly, 0.0, round(start, 2), system_link(entry.name)))
    for outcome in OUTCOMES:
        if count := counts.get(outcome.value, 0):
            share, link = 100 * count / total, outcome_link(entry, outcome)
            parts.append(Part(outcome.value, count, round(start, 2), round(share, 2), link))
            start += share
    right = counts.get(Outcome.RIGHT.value, 0)
    return Cell("", right / total if total else None, parts=parts)


def axis_of(results: DatasetResults) -> Axis | None:
    """Wide enough for all intervals and scores; None without an interval."""
    bounds = [bounds_of(results, entry) for entry in results.entries]
    if all(None in ends for ends in bounds):
        return None
    scores = [entry.score(results.components[-1]) for entry in results.entries]
    values = [value for value in chain(scores, *bounds) if value is not None]
    low, high = min(values), max(values)
    room = 0.03 * ((high - low) or 1.0)
    found = controls_of(results, results.leader) if results.leader else {}
    ends = sorted(found[role] for role in ("none", "oracle") if role in found)
    # the ends of a share are the ends of its axis
    least = max(low - room, 0.0) if low >= 0 else low - room
    most = min(high + room, 1.0) if high <= 1 else high + room
    return Axis(least, most, (ends[0], ends[1]) if len(ends) == 2 else None)


def explained(axis: Axis | None) -> str:
    """The end of a caption: what the axis and its band are."""
    if axis is None:
        return ""
    caption = f" Intervals are drawn from {axis.low:.2f} to {axis.high:.2f}."
    if axis.band:
        none, oracle = axis.band
        caption += f" Grey: from no passages ({none:.2f}) to the reference passages ({oracle:.2f})."
    return caption


def _drawn(
    axis: Axis, low: float | None, value: float | None, high: float | None
) -> Interval | None:
    if low is None or value is None or high is None:
        return None

    def at(point: float) -> float:
        return round(100 * (point - axis.low) / (axis.high - axis.low), 1)

    return Interval(
        at(low), at(value), at(high), axis.band and (at(axis.band[0]), at(axis.band[1]))
    )


def bounds_of(results: DatasetResults, entry: Entry) -> tuple[float | None, float | None]:
    """The interval of the overall score."""
    row = results.statistics_of(entry.name)
    return number(row.get("overall_low")), number(row.get("overall_high"))


def may_be_best(results: DatasetResults, entry: Entry) -> bool:
    """By the tests of the statistics."""
    return results.statistics_of(entry.name).get("may_be_best") == "True"


def controls_of(results: DatasetResults, leader: Entry) -> dict[str, float]:
    """Scores of the leader's model as a control, by role, such as `oracle`."""
    overall = results.components[-1]
    return {
        entry.summary.role: value
        for entry in results.competing.controls
        if entry.model.name == leader.model.name and (value := entry.score(overall)) is not None
    }


def unclassified(summary: Summary) -> int:
    """Answers to answerable questions that the scorer calls neither right nor wrong."""
    there = sum(n for outcome, n in summary.outcomes.items() if outcome != Outcome.MISSING)
    return max(round(_rows(summary)) - there, 0)


def outcome_link(entry: Entry, outcome: Outcome) -> str:
    """The questions that a system answered with this outcome."""
    return questions_link(system=entry.name, outcome=outcome.value)


def cost_of(summary: Summary) -> float | None:
    """US dollars per 1,000 answers; None without a price."""
    rows = _rows(summary)
    if summary.estimated_cost_usd is None or not rows:
        return None
    return 1000 * summary.estimated_cost_usd / rows


def price(dollars: float | None) -> str:
    """Cents, or the first digits of less than one."""
    if dollars is None:
        return NOTHING
    return f"${dollars:,.2f}" if dollars >= 0.01 or not dollars else f"${dollars:.2g}"


def _rows(summary: Summary) -> float:
    return summary.num_questions * summary.repeats * summary.coverage
