"""What a judge may be led by: the order of answers, their length, its own family."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from modellab.judging.meta_evaluation.agreement import judges_in, spearman
from modellab.judging.meta_evaluation.units import (
    Answer,
    Cells,
    Judged,
    Measure,
    Unit,
    by_judge,
    by_measure,
    mean,
)
from modellab.judging.rubric.metrics import PAIRWISE

POSITION = (
    *("judge", "consistent", "first_favoured", "second_favoured", "position_bias"),
    *("n_scored", "n_failed"),
)
LENGTH = ("judge", "kind", "metric", "value", "n_scored", "n_failed")
PREFERENCE = (
    *("judge", "family", "kind", "metric", "value", "own", "own_by_others", "other"),
    *("other_by_others", "n_own", "n_other"),
)


def position_rows(judged: Sequence[Judged]) -> list[Cells]:
    """By judge: the share of comparisons whose winner does not depend on the order.

    The others favour the answer that stands first, or second; `position_bias` is the difference
    of these two shares, from -1 to 1. A comparison of which one order has no verdict is failed.
    """
    pairs: dict[str, dict[tuple[object, ...], dict[str, float | None]]] = defaultdict(dict)
    for item in judged:
        row = item.row
        if row.metric == PAIRWISE and row.shown is not None and row.calls:
            key = (item.model, row.other, row.retriever, row.question_id)
            found = pairs[item.judge.name].setdefault((*key, row.repeat, row.judge_repeat), {})
            found[row.shown] = row.value
    return [_position(judge, list(pairs[judge].values())) for judge in sorted(pairs)]


def length_rows(units: Sequence[Unit]) -> list[Cells]:
    """By judge and metric: Spearman's correlation of score and answer length, in words.

    Scores and lengths are taken relative to the mean over all answers to the same question, so
    that questions which ask for longer answers do not count.
    """
    return [
        _length(measure, judge, list(found.values()))
        for measure, group in sorted(by_measure(units).items())
        for judge, found in sorted(by_judge(group).items())
    ]


def preference_rows(units: Sequence[Unit], families: Mapping[str, str | None]) -> list[Cells]:
    """By judge with a family and metric: how much it favours models of its own family.

    `value` = (own - own_by_others) - (other - other_by_others): by how much more it gives to its
    own family than judges of other families do, beyond what it gives more to everybody. Only
    answers that it and another judge have scored count.
    """
    judges = judges_in(units)
    return [
        _preference(measure, name, judges[name].family or "", by_judge(group), units, families)
        for measure, group in sorted(by_measure(units).items())
        for name in sorted(by_judge(group))
        if judges[name].family
    ]


def _position(judge: str, pairs: Sequence[Mapping[str, float | None]]) -> Cells:
    whole = [(p.get("first"), p.get("second")) for p in pairs]
    gaps = [a - b for a, b in whole if a is not None and b is not None]
    first = mean([float(gap > 0) for gap in gaps])
    second = mean([float(gap < 0) for gap in gaps])
    return {
        "judge": judge,
        "consistent": mean([float(gap == 0) for gap in gaps]),
        "first_favoured": first,
        "second_favoured": second,
        "position_bias": None if first is None or second is None else first - second,
        "n_scored": len(gaps),
        "n_failed": len(pairs) - len(gaps),
    }


def _length(measure: Measure, judge: str, units: Sequence[Unit]) -> Cells:
    scored = [(u.answer.question_id, u.value, u.answer_words) for u in units if u.value is not None]
    groups: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for question, value, words in scored:
        groups[question].append((value, float(words)))
    relative = [pair for group in groups.values() if len(group) > 1 for pair in _centred(group)]
    return {
        "judge": judge,
        "kind": measure.kind,
        "metric": measure.metric,
        "value": spearman([words for _, words in relative], [value for value, _ in relative]),
        "n_scored": len(relative),
        "n_failed": len(units) - len(scored),
    }


def _centred(group: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Rounded, so that equal deviations stay equal whatever the order of the sums."""
    value, words = (mean([pair[n] for pair in group]) or 0.0 for n in (0, 1))
    return [(round(v - value, 9), round(w - words, 9)) for v, w in group]


def _preference(
    measure: Measure,
    name: str,
    family: str,
    found: Mapping[str, Mapping[Answer, Unit]],
    units: Sequence[Unit],
    families: Mapping[str, str | None],
) -> Cells:
    judges = judges_in(units)
    strangers = [other for other in found if judges[other].family != family]
    own: list[tuple[float, float]] = []
    other: list[tuple[float, float]] = []
    for answer, unit in sorted(found[name].items()):
        scores = [found[s][answer].value for s in strangers if answer in found[s]]
        theirs = mean([score for score in scores if score is not None])
        if unit.value is not None and theirs is not None:
            side = own if families.get(answer.model) == family else other
            side.append((unit.value, theirs))
    means = [mean([pair[n] for pair in side]) for side in (own, other) for n in (0, 1)]
    mine, mine_by, rest, rest_by = means
    known = mine is not None and mine_by is not None and rest is not None and rest_by is not None
    return {
        "judge": name,
        "family": family,
        "kind": measure.kind,
        "metric": measure.metric,
        "value": (mine - mine_by) - (rest - rest_by) if known else None,  # type: ignore[operator]
        "own": mine,
        "own_by_others": mine_by,
        "other": rest,
        "other_by_others": rest_by,
        "n_own": len(own),
        "n_other": len(other),
    }
