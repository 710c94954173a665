"""Error attribution: how much of a score is lost in retrieval, and how much in reading.

Each model answers the same questions with the reference passages (oracle), with passages that a
retriever found, with passages of another question (shuffled) and with none. The differences of
those scores are the cost of each step. Only answerable questions count: no retriever can find
passages for the others, so whether a model abstains there is no loss of retrieval.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from modellab.core.metric import Better
from modellab.core.records import NO_ANSWER, ModelScores
from modellab.evaluation.frame import Scores
from modellab.evaluation.metrics import described
from modellab.evaluation.statistics.comparing import TestLevels, tested
from modellab.evaluation.statistics.estimates import intervals
from modellab.evaluation.statistics.options import StatisticsOptions
from modellab.evaluation.statistics.systems import SystemArrays, counted_rows, gather
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import Additive, ScorerOptions, additive_of

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
#: of each system and component; `place` is that of the system
PARTS = (
    "model",
    "behind",
    "component",
    "value",
    "n_scored",
    "n_failed",
    "asked",
    "repeats",
    "place",
)

#: both ends of the interval of a component, by the places of a system and of one to subtract (or
#: None); NaN where there is none
Ends = Callable[[str, int, int | None], tuple[float, float]]


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


def attribution_table(
    scores: Scores,
    roles: Roles,
    task: TaskOptions,
    scorer: ScorerOptions,
    options: StatisticsOptions,
) -> pd.DataFrame:
    """The rows of all models (see `error_attribution`)."""
    additive = additive_of(scorer, task, dict.fromkeys(scores.rows.columns))
    parts, ends = scored_parts(scores, additive, options)
    found = error_attribution(scores.models, roles, parts, ends)
    return found.assign(confidence=options.confidence)[list(COLUMNS)]


def scored_parts(
    scores: Scores, additive: Additive, options: StatisticsOptions
) -> tuple[pd.DataFrame, Ends]:
    """The components of each system over the answerable questions (`PARTS`), and their intervals.

    `asked` are the places of the questions, `n_scored` the rows that the component is about,
    `n_failed` those without an answer. A system without a row of an answerable question is left
    out.
    """
    counted = counted_rows(scores, additive)
    whole = gather(scores, counted, additive, options.cluster)
    kept = ~whole.unanswerable[counted.questions]
    rows = scores.counted.loc[kept, ["status", "repeat"]]
    places, questions, sums = counted.systems[kept], counted.questions[kept], counted.parts[kept]
    found = []
    for place, entry in enumerate(scores.entries):
        own = places == place
        if not own.any():
            continue
        about = {
            "model": entry.model.name,
            "behind": entry.summary.retriever,
            "n_failed": rows["status"][own].isin(NO_ANSWER).sum(),
            "asked": frozenset(questions[own].tolist()),
            "repeats": rows["repeat"][own].max(),
            "place": place,
        }
        by_row = additive.combine(sums[own])
        values = additive.combine(sums[own].sum(axis=0))
        cells = {name: (value, (~np.isnan(by_row[name])).sum()) for name, value in values.items()}
        # what is no sum over rows (BLEU of all texts together) is over the answerable ones already
        rest = {
            n: (m.value, m.n_scored) for n, m in entry.summary.metrics.items() if n not in cells
        }
        for name, (value, n_scored) in {**cells, **rest}.items():
            found.append({**about, "component": name, "value": value, "n_scored": n_scored})
    systems = whole.only(range(len(whole.entries)), ~whole.unanswerable)
    return pd.DataFrame(found, columns=list(PARTS)), _intervals(systems, options.confidence)


def _intervals(systems: SystemArrays, confidence: float) -> Ends:
    """A component that is no sum over rows has no interval."""
    sums = systems.additive.combine(systems.sums[0])

    def ends(component: str, place: int, less: int | None) -> tuple[float, float]:
        if component not in sums:
            return np.nan, np.nan
        places = [place] if less is None else [place, less]
        part = systems.only(places, np.asarray(systems.present[places].all(axis=0)))
        found = part.contributions(component)
        if less is None:
            one = intervals(found, part.clusters, confidence).iloc[0]
            return float(one["low"]), float(one["high"])
        pair = tested(found, [(0, 1)], part.clusters, TestLevels(confidence, 0.05))
        return float(pair.lows[0]), float(pair.highs[0])

    return ends


def error_attribution(
    models: Sequence[ModelScores], roles: Roles, parts: pd.DataFrame, ends: Ends
) -> pd.DataFrame:
    """A row per model, retriever and component of which more is better.

    A model that did not answer with a retriever has an empty column and a reason; so has a
    difference of scores over different rows. Nothing that is not known counts as zero. A component
    that no answerable question is about has no row.
    """
    cells = _cells(models, roles, parts)
    by_role = cells.merge(parts, how="left", on=["model", "behind", "component"])
    known = by_role.groupby("row")["n_scored"].transform("max") > 0
    measures = ("value", "n_scored", "n_failed", "asked", "repeats", "place")
    value, n_scored, n_failed, asked, repeats, places = (
        by_role[known].pivot(index="row", columns="role", values=name).reindex(columns=list(ROLES))
        for name in measures
    )
    there = asked.notna()
    about = cells.drop_duplicates("row").set_index("row").loc[value.index]
    found = about[["model", "component", "retriever"]].join(value.astype(float))
    reasons = {role: np.where(there[role], "", f"no {role}") for role in ROLES}
    for name, (one, other) in DIFFERENCES.items():
        both = there[one] & there[other]
        alike = both & (asked[one] == asked[other]) & (n_scored[one] == n_scored[other])
        found[name] = (found[one] - found[other]).where(alike)
        unlike = f"{one} and {other} are scored on different rows"
        reasons[name] = np.where(both & ~alike, unlike, "")
    # the distance to a perfect score, where it is known which score that is
    found["reading_loss"] = (1 - found[ORACLE]).where(about["unit"])
    return found.assign(
        **_interval_columns(found, places, ends),
        **n_scored.astype("Int64").add_suffix("_n_scored"),
        **n_failed.astype("Int64").add_suffix("_n_failed"),
        n_questions=[_union(*row.dropna()) for _, row in asked.iterrows()],
        repeats=repeats.max(axis=1).astype("Int64"),
        reason=["; ".join(filter(None, row)) for row in zip(*reasons.values(), strict=True)],
    )


@cache
def _union(*sets: frozenset[int]) -> int:
    return len(frozenset().union(*sets))


def _cells(models: Sequence[ModelScores], roles: Roles, parts: pd.DataFrame) -> pd.DataFrame:
    """By `row` of the table and role: the retriever `behind` it, whether it has scores or not."""
    known = {roles.oracle, roles.none, *roles.retrieved, *roles.shuffled}
    lines: list[tuple[ModelScores, str | None, tuple[str, bool]]] = []
    for model in models:
        own = parts.loc[parts["model"] == model.name, "behind"].unique().tolist()
        retrievers: list[str | None] = [name for name in roles.retrieved if name in own]
        retrievers += [name for name in own if name not in known]
        lines += product([model], retrievers or [None], _components(model).items())
    return pd.DataFrame(
        [
            (row, model.name, retriever, component, unit, role, behind)
            for row, (model, retriever, (component, unit)) in enumerate(lines)
            for role, behind in roles.of(retriever).items()
        ],
        columns=["row", "model", "retriever", "component", "unit", "role", "behind"],
    ).astype({"retriever": object, "behind": object, "unit": bool})


def _components(model: ModelScores) -> dict[str, bool]:
    """Those of which less is not better, and whether they are from 0 to 1."""
    names = dict.fromkeys(name for summary in model.summaries for name in summary.metrics)
    known = {name: described(name, model.task) for name in names}
    return {
        name: one is not None and one.range in _UNIT
        for name, one in known.items()
        if one is None or one.better != Better.LOWER
    }


def _interval_columns(
    found: pd.DataFrame, places: pd.DataFrame, ends: Ends
) -> dict[str, NDArray[np.float64]]:
    """Both ends of what has a value; a reading loss has those of the oracle's score, turned."""
    pairs = {RETRIEVED: (RETRIEVED, None), "reading_loss": (ORACLE, None), **DIFFERENCES}
    columns: dict[str, NDArray[np.float64]] = {}
    for name, (one, other) in pairs.items():
        both = np.full((len(found), 2), np.nan)
        for row in np.flatnonzero(found[name].notna()):
            less = None if other is None else int(places[other].iloc[row])
            place = int(places[one].iloc[row])
            both[row] = ends(found["component"].iloc[row], place, less)
        low, high = both.T
        if name == "reading_loss":
            low, high = 1 - high, 1 - low
        columns |= {f"{name}_low": low, f"{name}_high": high}
    return columns
