"""Error attribution: how much of a score is lost in retrieval, and how much in reading.

Each model answers the same questions with the reference passages (oracle), with passages that a
retriever found, with passages of another question (shuffled) and with none. The differences of
those scores are the cost of each step. Only answerable questions count: no retriever can find
passages for the others, so whether a model abstains there is no loss of retrieval.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from modellab.core.io.frames import frame_of
from modellab.core.metric import Better
from modellab.core.records import NO_ANSWER, ModelScores
from modellab.evaluation.frame import Scores
from modellab.evaluation.metrics import described
from modellab.evaluation.statistics.comparing import Level, tested
from modellab.evaluation.statistics.contributions import Contributions
from modellab.evaluation.statistics.estimates import intervals
from modellab.evaluation.statistics.options import StatisticsOptions
from modellab.evaluation.statistics.systems import Systems, counted_rows, gather
from modellab.tasks.additive import Additive
from modellab.tasks.metrics import additive_of
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import ScorerOptions

ORACLE, RETRIEVED, SHUFFLED, NONE = ROLES = ("oracle", "retrieved", "shuffled", "none")
#: by column: the two roles whose scores are subtracted
DIFFERENCES = {
    "retrieval_loss": (ORACLE, RETRIEVED),
    "retrieval_gain": (RETRIEVED, NONE),
    "wrong_text_harm": (NONE, SHUFFLED),
}
WITH_INTERVAL = (RETRIEVED, "retrieval_loss", "reading_loss", "retrieval_gain", "wrong_text_harm")
COLUMNS = (
    *("model", "component", "oracle", "retriever", "retrieved", "shuffled", "none"),
    *("retrieval_loss", "reading_loss", "retrieval_gain", "wrong_text_harm"),
    *(f"{name}_{end}" for name in WITH_INTERVAL for end in ("low", "high")),
    "confidence",
    *(f"{role}_{count}" for role in ROLES for count in ("n_scored", "n_failed")),
    *("n_questions", "repeats", "reason"),
)
_UNIT = ("0 to 1", "0 or 1")

Cells = dict[str, object]


@dataclass(frozen=True)
class Roles:
    """The retrievers of a dataset by role; `shuffled` names the retriever behind each."""

    retrieved: tuple[str, ...]
    oracle: str | None = None
    none: str | None = None
    shuffled: Mapping[str, str] = field(default_factory=dict)

    def of(self, retriever: str | None) -> dict[str, str | None]:
        """The retriever in each role; the shuffled one is the retriever's own, or else any."""
        own = [name for name, dealt in self.shuffled.items() if dealt == retriever]
        shuffled = next(iter([*own, *self.shuffled]), None)
        return {ORACLE: self.oracle, RETRIEVED: retriever, SHUFFLED: shuffled, NONE: self.none}


@dataclass(frozen=True)
class Answers:
    """The scores of a model with one retriever over the answerable questions.

    By component: `values`, and `n_scored` rows that it is about. `n_failed` rows have no answer;
    `asked` are the ids of the questions. `systems` are all systems on answerable questions (None:
    the rows are not known), this one is at `place`. A component that is no sum over rows has no
    interval.
    """

    values: Mapping[str, float | None]
    n_scored: Mapping[str, int]
    n_failed: int
    asked: frozenset[str]
    repeats: int
    confidence: float
    systems: Systems | None = None
    place: int = 0

    def interval(self, component: str, less: Answers | None = None) -> tuple[float, float] | None:
        """Of the component, or of its paired difference to another retriever's; None: no value."""
        if self.systems is None:
            return None
        if component not in self.systems.additive.combine(self.systems.sums[0]):
            return None
        if less is None:
            found, part = _on_shared(self.systems, component, [self.place])
            one = intervals(found, part.clusters, self.confidence).iloc[0]
            low, high = float(one["low"]), float(one["high"])
        else:
            found, part = _on_shared(self.systems, component, [self.place, less.place])
            pair = tested(found, [(0, 1)], part.clusters, Level(self.confidence, 0.05))
            low, high = float(pair.lows[0]), float(pair.highs[0])
        return None if np.isnan(low) or np.isnan(high) else (low, high)


def _on_shared(
    systems: Systems, component: str, places: list[int]
) -> tuple[Contributions, Systems]:
    shared: NDArray[np.bool_] = np.asarray(systems.present[places].all(axis=0))
    part = systems.only(places, shared)
    return part.contributions(component), part


def answers_of(
    scores: Scores, additive: Additive, options: StatisticsOptions
) -> dict[str, dict[str, Answers]]:
    """By model and retriever, of the systems that have a row of an answerable question."""
    counted = counted_rows(scores, additive)
    whole = gather(scores, counted, additive, options.cluster)
    answerable = ~whole.unanswerable
    systems = whole.only(range(len(whole.entries)), answerable)
    found: dict[str, dict[str, Answers]] = {model.name: {} for model in scores.models}
    for place, entry in enumerate(scores.entries):
        own = (counted.systems == place) & answerable[counted.questions]
        if not own.any():
            continue
        rows, parts = scores.counted[own], counted.parts[own]
        by_row = additive.combine(parts)
        sums = additive.combine(parts.sum(axis=0))
        # what is no sum over rows (BLEU of all texts together) is over the answerable ones already
        rest = {name: one for name, one in entry.summary.metrics.items() if name not in sums}
        found[entry.model.name][entry.summary.retriever] = Answers(
            values={
                **{name: None if np.isnan(value) else float(value) for name, value in sums.items()},
                **{name: metric.value for name, metric in rest.items()},
            },
            n_scored={
                **{name: int((~np.isnan(values)).sum()) for name, values in by_row.items()},
                **{name: metric.n_scored for name, metric in rest.items()},
            },
            n_failed=int(rows["status"].isin(NO_ANSWER).sum()),
            asked=frozenset(rows["question_id"]),
            repeats=int(rows["repeat"].max()),
            confidence=options.confidence,
            systems=systems,
            place=place,
        )
    return found


def attribution_table(
    scores: Scores,
    roles: Roles,
    task: TaskOptions,
    scorer: ScorerOptions,
    options: StatisticsOptions,
) -> pd.DataFrame:
    """The rows of all models (see `error_attribution`)."""
    additive = additive_of(scorer, task, dict.fromkeys(scores.rows.columns))
    answers = answers_of(scores, additive, options)
    found = [
        row
        for model in scores.models
        for row in error_attribution(model, roles, answers[model.name])
    ]
    return frame_of(found, COLUMNS)


def error_attribution(
    model: ModelScores, roles: Roles, answers: Mapping[str, Answers]
) -> Iterator[Cells]:
    """A row per retriever and component of which more is better, over answerable questions.

    `answers` are the model's by retriever. A model that did not answer with a retriever has an
    empty column and a reason; so has a difference of scores over different rows. Nothing that is
    not known counts as zero. A component that no answerable question is about has no row.
    """
    retrievers: list[str | None] = [name for name in roles.retrieved if name in answers]
    retrievers += [name for name in answers if name not in _known(roles)]
    for retriever in retrievers or [None]:
        parts = {
            role: answers[name]
            for role, name in roles.of(retriever).items()
            if name is not None and name in answers
        }
        for component in _components(model):
            if any(part.n_scored.get(component) for part in parts.values()):
                yield _row(model, retriever, component, parts)


def _known(roles: Roles) -> set[str | None]:
    return {roles.oracle, roles.none, *roles.retrieved, *roles.shuffled}


def _components(model: ModelScores) -> list[str]:
    """Without those of which less is better."""
    names = dict.fromkeys(name for summary in model.summaries for name in summary.metrics)
    return [name for name in names if _described(model, name)[0] != Better.LOWER]


def _described(model: ModelScores, component: str) -> tuple[Better, str]:
    found = described(component, model.task)
    return (found.better, found.range) if found else (Better.NEITHER, "")


def _row(
    model: ModelScores, retriever: str | None, component: str, parts: Mapping[str, Answers]
) -> Cells:
    asked = {role: part.asked for role, part in parts.items()}
    differences, unlike = _differences(component, parts)
    ends: Cells = {}
    if RETRIEVED in parts:
        ends |= _ends(RETRIEVED, parts[RETRIEVED].interval(component))
    return {
        "model": model.name,
        "component": component,
        "retriever": retriever,
        **{role: part.values.get(component) for role, part in parts.items()},
        **differences,
        **_reading_loss(component, parts.get(ORACLE), _described(model, component)[1]),
        **ends,
        "confidence": next((part.confidence for part in parts.values()), None),
        **{f"{role}_n_scored": part.n_scored.get(component, 0) for role, part in parts.items()},
        **{f"{role}_n_failed": part.n_failed for role, part in parts.items()},
        "n_questions": len(set().union(*asked.values())),
        "repeats": max(part.repeats for part in parts.values()) if parts else None,
        "reason": "; ".join([*(f"no {role}" for role in ROLES if role not in parts), *unlike]),
    }


def _differences(component: str, parts: Mapping[str, Answers]) -> tuple[Cells, list[str]]:
    """The differences of scores over the same rows, and why others are missing."""
    cells: Cells = {}
    unlike: list[str] = []
    for name, (one, other) in DIFFERENCES.items():
        if one not in parts or other not in parts:
            continue
        first, second = parts[one], parts[other]
        counts = [part.n_scored.get(component) for part in (first, second)]
        if first.asked != second.asked or counts[0] != counts[1]:
            unlike.append(f"{one} and {other} are scored on different rows")
            continue
        values = first.values.get(component), second.values.get(component)
        if values[0] is not None and values[1] is not None:
            cells[name] = values[0] - values[1]
            cells |= _ends(name, first.interval(component, second))
    return cells, unlike


def _reading_loss(component: str, oracle: Answers | None, span: str) -> Cells:
    """The distance to a perfect score; None where it is unknown which score that is."""
    value = oracle.values.get(component) if oracle else None
    if oracle is None or value is None or span not in _UNIT:
        return {"reading_loss": None}
    ends = oracle.interval(component)
    turned = (1 - ends[1], 1 - ends[0]) if ends else None
    return {"reading_loss": 1 - value, **_ends("reading_loss", turned)}


def _ends(name: str, ends: tuple[float, float] | None) -> Cells:
    return {f"{name}_low": ends[0], f"{name}_high": ends[1]} if ends else {}
