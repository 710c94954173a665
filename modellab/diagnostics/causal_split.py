"""Where a score is lost: in retrieval or in reading; and what is known or harmed without help.

Each model answers the same questions with the reference passages (oracle), with passages that a
retriever found, with passages of another question (shuffled) and with none. The differences of
those scores say what each step costs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from modellab.compare.score_files import ScoredModel
from modellab.metrics import described
from modellab.metrics.description import Better
from modellab.records import Metric, Summary
from modellab.storage.csvfile import write_csv

ORACLE, RETRIEVED, SHUFFLED, NONE = ROLES = ("oracle", "retrieved", "shuffled", "none")
#: column: what is subtracted from what
DIFFERENCES = {
    "retrieval_loss": (ORACLE, RETRIEVED),
    "retrieval_gain": (RETRIEVED, NONE),
    "wrong_text_harm": (NONE, SHUFFLED),
}
COLUMNS = (
    *("model", "component", "oracle", "retriever", "retrieved", "shuffled", "none"),
    *("retrieval_loss", "reading_loss", "retrieval_gain", "wrong_text_harm"),
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


def write_causal_split(path: Path, models: Sequence[ScoredModel], roles: Roles) -> None:
    rows = [row for model in models for row in causal_split(model, roles)]
    write_csv(path, COLUMNS, rows)


def causal_split(model: ScoredModel, roles: Roles) -> Iterator[Cells]:
    """A row per retriever and component of which more is better.

    A model that did not answer with a retriever has an empty column and a reason; so has a
    difference of scores over different rows. Nothing that is not known counts as zero.
    """
    summaries = {summary.retriever: summary for summary in model.scores.summaries}
    retrievers: list[str | None] = [name for name in roles.retrieved if name in summaries]
    retrievers += [name for name in summaries if name not in _known(roles)]
    for retriever in retrievers or [None]:
        parts = {
            role: summaries[name]
            for role, name in roles.of(retriever).items()
            if name is not None and name in summaries
        }
        for component in _components(model):
            yield _row(model, retriever, component, parts)


def _known(roles: Roles) -> set[str | None]:
    return {roles.oracle, roles.none, *roles.retrieved, *roles.shuffled}


def _components(model: ScoredModel) -> list[str]:
    """Those that do not say that less is better: losing of them is a gain."""
    names = dict.fromkeys(name for summary in model.scores.summaries for name in summary.metrics)
    return [name for name in names if _described(model, name)[0] != Better.LOWER]


def _described(model: ScoredModel, component: str) -> tuple[Better, str]:
    found = described(component, model.scores.task)
    return (found.better, found.range) if found else (Better.NEITHER, "")


def _row(
    model: ScoredModel, retriever: str | None, component: str, parts: Mapping[str, Summary]
) -> Cells:
    metrics = {role: summary.metrics[component] for role, summary in parts.items()}
    values = {role: metric.value for role, metric in metrics.items()}
    asked = {role: _questions(model, summary.retriever) for role, summary in parts.items()}
    differences, unlike = _differences(metrics, asked)
    return {
        "model": model.scores.name,
        "component": component,
        "retriever": retriever,
        **values,
        **differences,
        "reading_loss": _reading_loss(values.get(ORACLE), _described(model, component)[1]),
        **{f"{role}_n_scored": metric.n_scored for role, metric in metrics.items()},
        **{f"{role}_n_failed": metric.n_failed for role, metric in metrics.items()},
        "n_questions": len(set().union(*asked.values())),
        "repeats": max(summary.repeats for summary in parts.values()) if parts else None,
        "reason": "; ".join([*(f"no {role}" for role in ROLES if role not in parts), *unlike]),
    }


def _questions(model: ScoredModel, retriever: str) -> frozenset[str]:
    return frozenset(row["question_id"] for row in model.rows if row["retriever"] == retriever)


def _differences(
    metrics: Mapping[str, Metric], asked: Mapping[str, frozenset[str]]
) -> tuple[Cells, list[str]]:
    """The differences of scores over the same rows, and why others are missing."""
    cells: Cells = {}
    unlike: list[str] = []
    for name, (one, other) in DIFFERENCES.items():
        if one not in metrics or other not in metrics:
            continue
        first, second = metrics[one], metrics[other]
        if asked[one] != asked[other] or first.n_scored != second.n_scored:
            unlike.append(f"{one} and {other} are scored on different rows")
        elif first.value is not None and second.value is not None:
            cells[name] = first.value - second.value
    return cells, unlike


def _reading_loss(oracle: float | None, span: str) -> float | None:
    """What is missing to a perfect score; None where it is not known what that is."""
    return None if oracle is None or span not in _UNIT else 1 - oracle
