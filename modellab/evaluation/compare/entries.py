"""The systems that are compared, one entry per model and retriever, and their ranks.

Contenders are ranked. Controls (`Summary.control`) are reference points: they have no rank.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from modellab.core.errors import InputError
from modellab.core.records import EXTERNAL, NO_RETRIEVER, ModelScores, Summary

#: the provider of ensembles, which repeat the answers of other models
ENSEMBLE = "ensemble"
#: the provider of answers in files
SUBMISSION = "submission"
#: the title of the block of controls
CONTROLS = "Controls (reference points, not ranked)"
#: questions from which on a file that equals the reference answers is no coincidence
_FEWEST_OF_KEY = 5


@dataclass(frozen=True)
class Entry:
    """One model with one retriever."""

    model: ModelScores
    summary: Summary

    @property
    def name(self) -> str:
        return entry_name(self.model.name, self.summary.retriever)

    @property
    def control(self) -> bool:
        return self.summary.control

    @property
    def beaten(self) -> bool:
        """Whether it was asked only some questions, since it cannot be the best."""
        return bool(self.summary.beaten_by)

    @property
    def ranked(self) -> bool:
        return not (self.control or self.beaten)

    @property
    def like_answer_key(self) -> bool:
        """Whether it is a file in which each answer is the reference answer, letter by letter."""
        rows = self.summary.num_questions * self.summary.repeats
        # on an unanswerable question, any abstention equals the reference
        telling = rows - self.summary.abstention_recall.n_scored
        return (
            self.model.llm_provider == SUBMISSION
            and telling >= _FEWEST_OF_KEY
            and self.summary.verbatim == rows
        )

    def score(self, component: str) -> float | None:
        """The value of a component; None where there is none or it is not a number."""
        value = self.summary.metrics[component].value
        return value if value is not None and math.isfinite(value) else None


def entry_name(model: str, retriever: str) -> str:
    """`model@retriever`; the model alone for a submission, which has no retriever of ours, and
    where there is no corpus; the retriever alone where retrievers are what is compared."""
    return model if retriever in (NO_RETRIEVER, EXTERNAL, model) else f"{model}@{retriever}"


def retrievers_alone(models: Sequence[ModelScores]) -> bool:
    """Whether retrievers are what is compared, and no model answers."""
    return all(s.retriever == model.name for model in models for s in model.summaries)


def entries_of(models: Sequence[ModelScores]) -> list[Entry]:
    """All entries in the order given. Raises InputError where two have the same name."""
    entries = [Entry(model, summary) for model in models for summary in model.summaries]
    names = [entry.name for entry in entries]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise InputError(f"scores: two models have the name {doubled[0]!r}; rename one of them")
    return entries


def components_of(models: Sequence[ModelScores]) -> tuple[str, ...]:
    """The components that all entries share, in order; the last is the overall score.

    Raises InputError where the models were not all scored on the same questions by the same
    rules: such numbers must not be in one table.
    """
    entries = entries_of(models)
    if not entries:
        raise InputError("scores: there is no scored model to compare")
    for model in models:
        _require_same_rules(models[0], model)
    found = {tuple(entry.summary.metrics): entry.name for entry in entries}
    if len(found) > 1:
        one, other = list(found.values())[:2]
        raise InputError(f"scores: {one} and {other} have different components; score them again")
    return next(iter(found))


class Standings(NamedTuple):
    """The entries of one dataset, each list by overall score, then by name, those without last.

    Contenders that were beaten early come after the others, the last to go first: their scores are
    means over fewer questions.
    """

    contenders: list[Entry]
    controls: list[Entry]


def standings(models: Sequence[ModelScores]) -> Standings:
    """Who competes and who is a reference point. Raises InputError for mixed models."""
    overall = components_of(models)[-1]

    def order(entry: Entry) -> tuple[float, bool, float, str, str]:
        score = entry.score(overall)
        early = -(entry.summary.asked or 0) if entry.beaten else -math.inf
        return (early, score is None, -(score or 0.0), entry.model.name, entry.summary.retriever)

    ordered = sorted(entries_of(models), key=order)
    return Standings([e for e in ordered if not e.control], [e for e in ordered if e.control])


def ranked(models: Sequence[ModelScores]) -> list[Entry]:
    """All entries: the contenders, best overall score first, then the controls likewise."""
    found = standings(models)
    return [*found.contenders, *found.controls]


def places_of(entries: Sequence[Entry], component: str) -> dict[str, int | None]:
    """The rank of each entry by name: None without a score, of controls, and of what was beaten.

    These are the ranks of every table and page.
    """
    scores = [entry.score(component) if entry.ranked else None for entry in entries]
    return dict(zip((entry.name for entry in entries), ranks(scores), strict=True))


def ranks(scores: Sequence[float | None]) -> list[int | None]:
    """Competition ranks: equal scores share one (1, 2, 2, 4); no score, no rank."""
    known = [score for score in scores if score is not None]
    return [None if s is None else 1 + sum(other > s for other in known) for s in scores]


def _require_same_rules(first: ModelScores, model: ModelScores) -> None:
    for what in ("dataset", "task", "scorer", "missing"):
        one, other = getattr(first, what), getattr(model, what)
        if one != other:
            raise InputError(
                f"scores: {first.name} has {what} {one!r} but {model.name} has {other!r}; "
                f"compare models of one {what} only"
            )
