"""Judgements put together: one value per judge, metric and answer."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from modellab.core.io.jsonl import read_rows
from modellab.judging.records import Judgement, Reason, State
from modellab.judging.rubric.metrics import HIGHEST, LOWEST, PAIRWISE

Cells = dict[str, object]
#: metrics of embeddings: a cosine goes from -1 to 1
COSINES = frozenset({"answer_relevancy"})


@dataclass(frozen=True)
class Judge:
    """What tables say of a judge."""

    name: str
    kind: str
    model_id: str
    family: str | None = None


@dataclass(frozen=True)
class Judged:
    """A judgement, by whom, and of which model's answer."""

    judge: Judge
    model: str
    row: Judgement


class Measure(NamedTuple):
    """A metric of a kind of judge: only numbers of one measure may be compared."""

    kind: str
    metric: str

    @property
    def lowest(self) -> float:
        return LOWEST if self._is_rubric else 0.0

    @property
    def floor(self) -> float:
        """The least that a score can be; of a cosine that is below the least that says anything."""
        return -1.0 if self.metric in COSINES else self.lowest

    @property
    def highest(self) -> float:
        return HIGHEST if self._is_rubric else 1.0

    @property
    def close(self) -> float:
        """Two scores that differ by no more are taken as equal: 0.5 on a scale from 1 to 5."""
        return (self.highest - self.lowest) / 8

    def category(self, value: float) -> int:
        """The whole score that is nearest; on a scale from 0 to 1, whether it is 0.5 or more."""
        return math.floor(value + 0.5)

    @property
    def categories(self) -> range:
        return range(int(self.lowest), int(self.highest) + 1)

    @property
    def _is_rubric(self) -> bool:
        return self.kind == "rubric" and self.metric != PAIRWISE


class Answer(NamedTuple):
    """One answer of one model."""

    model: str
    retriever: str
    question_id: str
    repeat: int


@dataclass(frozen=True)
class Unit:
    """All that one judge said of one answer by one metric.

    `value` is the mean of its scored repeats; None where there is none, and `reason` says why.
    A comparison has a value only where both orders were scored. `values` are those of the
    repeats, in order.
    """

    judge: Judge
    measure: Measure
    answer: Answer
    value: float | None
    reason: Reason | None
    values: tuple[float | None, ...]
    answer_words: int


def read_judged(
    judges: Mapping[str, Judge], files: Iterable[tuple[str, str, Path]]
) -> list[Judged]:
    """All rows of files, each given with its judge and model."""
    return [
        Judged(judges[judge], model, row)
        for judge, model, path in files
        for row in read_rows(path, Judgement)
    ]


def units_of(judged: Sequence[Judged]) -> list[Unit]:
    """One unit per judge, metric and answer that the metric applies to, in sorted order."""
    groups: dict[tuple[str, Measure, Answer], list[Judged]] = defaultdict(list)
    for item in judged:
        if item.row.state != State.NOT_APPLICABLE:
            row = item.row
            answer = Answer(item.model, row.retriever, row.question_id, row.repeat)
            groups[item.judge.name, Measure(item.judge.kind, row.metric), answer].append(item)
    return [_unit(key[1], key[2], groups[key]) for key in sorted(groups)]


def by_measure(units: Sequence[Unit]) -> dict[Measure, list[Unit]]:
    found: dict[Measure, list[Unit]] = defaultdict(list)
    for unit in units:
        found[unit.measure].append(unit)
    return dict(found)


def by_judge(units: Sequence[Unit]) -> dict[str, dict[Answer, Unit]]:
    """The units of one measure, by judge and answer."""
    found: dict[str, dict[Answer, Unit]] = defaultdict(dict)
    for unit in units:
        found[unit.judge.name][unit.answer] = unit
    return dict(found)


def mean(values: Sequence[float]) -> float | None:
    """None where there is nothing; the sum is exact, so the order does not matter."""
    return math.fsum(values) / len(values) if values else None


def _unit(measure: Measure, answer: Answer, group: Sequence[Judged]) -> Unit:
    rows = sorted((item.row for item in group), key=_order)
    values = tuple(row.value for row in rows)
    scored = [value for value in values if value is not None]
    whole = len(scored) == len(values) or measure.metric != PAIRWISE
    reasons = [row.reason for row in rows if row.reason is not None]
    value = mean(scored) if whole else None
    reason = None if value is not None else reasons[0]
    words = rows[0].answer_words
    return Unit(group[0].judge, measure, answer, value, reason, values, words)


def _order(row: Judgement) -> tuple[int, str, str]:
    return row.judge_repeat, row.other or "", row.shown or ""
