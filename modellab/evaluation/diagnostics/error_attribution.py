"""Where a score is lost: in retrieval or in reading; and what is known or harmed without help.

Each model answers the same questions with the reference passages (oracle), with passages that a
retriever found, with passages of another question (shuffled) and with none. The differences of
those scores say what each step costs. Only answerable questions count: no retriever can find
passages for the others, so whether a model abstains there is no loss of retrieval.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd

from modellab.core.io.frames import frame_of
from modellab.core.metric import Better
from modellab.core.records import ModelScores
from modellab.evaluation.diagnostics.answerable import Answers, answers_of
from modellab.evaluation.frame import Scores
from modellab.evaluation.metrics import described
from modellab.evaluation.statistics.options import StatisticsOptions
from modellab.tasks.metrics import additive_of
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import ScorerOptions

ORACLE, RETRIEVED, SHUFFLED, NONE = ROLES = ("oracle", "retrieved", "shuffled", "none")
#: column: what is subtracted from what
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
    """The retrievers of a dataset by what they stand for.

    `shuffled` says by name whose passages each deals out.
    """

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
    """Those that do not say that less is better: losing of them is a gain."""
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
        **{role: part.value(component) for role, part in parts.items()},
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
        values = first.value(component), second.value(component)
        if values[0] is not None and values[1] is not None:
            cells[name] = values[0] - values[1]
            cells |= _ends(name, first.interval(component, second))
    return cells, unlike


def _reading_loss(component: str, oracle: Answers | None, span: str) -> Cells:
    """What is missing to a perfect score; None where it is not known what that is."""
    value = oracle.value(component) if oracle else None
    if oracle is None or value is None or span not in _UNIT:
        return {"reading_loss": None}
    ends = oracle.interval(component)
    turned = (1 - ends[1], 1 - ends[0]) if ends else None
    return {"reading_loss": 1 - value, **_ends("reading_loss", turned)}


def _ends(name: str, ends: tuple[float, float] | None) -> Cells:
    return {f"{name}_low": ends[0], f"{name}_high": ends[1]} if ends else {}
