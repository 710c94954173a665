"""The vote on one question: the members' answers in, the winning answer out; and their weights."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modellab.core.errors import InputError
from modellab.core.io.jsonl import read_json
from modellab.core.records import NO_ANSWER, Question, Status
from modellab.models.generators.ensemble import EnsembleOptions, WeightsFrom
from modellab.tasks.canonical import Answer, CanonicalAnswer

#: what a vote is for: whether it is an abstention, and the text
Choice = tuple[bool, str]


@dataclass(frozen=True)
class Vote:
    """One member's answer to one question. A row without an answer does not vote.

    Attributes:
        weight: 0 or more.
        key: That of the member's row.
        model: The digest of the member's fingerprint.
        passages: The chunks that it was shown.
        reason: Why it has no answer.
    """

    member: str
    status: Status
    answer: Answer
    weight: float = 1.0
    key: str = ""
    model: str = ""
    passages: tuple[str, ...] = ()
    reason: str = ""

    @property
    def has_answer(self) -> bool:
        return self.status not in NO_ANSWER


@dataclass(frozen=True)
class Decision:
    """The answer of an ensemble; `winners` are the positions of the votes for it."""

    status: Status
    answer: Answer
    winners: tuple[int, ...] = ()


def decide(votes: Sequence[Vote], canonical: CanonicalAnswer, rules: EnsembleOptions) -> Decision:
    """The answer that wins. `votes` are one per member, in the order of the config.

    If no member has an answer, the row is missing (if it is for all) or failed. Empty texts never
    vote; if there is nothing else, the answer is blank.
    """
    present = [place for place, vote in enumerate(votes) if vote.has_answer]
    if not present:
        missing = all(vote.status == Status.MISSING for vote in votes)
        return Decision(Status.MISSING if missing else Status.FAILED, {})
    winners = _winners(votes, present, canonical, rules)
    if winners:
        status, answer = votes[winners[0]].status, votes[winners[0]].answer
    else:
        # published ensembles keep the unit of the first member
        blank = {canonical.field: canonical.blank()[canonical.field]}
        status, answer = Status.ABSTAINED, {**votes[present[0]].answer, **blank}
    mode = rules.reference_mode()
    voters = present if mode == "union" else winners
    cited = [canonical.references(votes[place].answer) for place in voters]
    combine = frozenset.intersection if mode == "intersection" and cited else frozenset().union
    references: frozenset[str] = combine(*cited)
    text = f"Ensemble ({rules.strategy}) of {len(votes)} runs: {', '.join(rules.members)}"
    explained = canonical.explained(canonical.with_references(answer, sorted(references)), text)
    return Decision(status, explained, winners)


def _winners(
    votes: Sequence[Vote],
    present: Sequence[int],
    canonical: CanonicalAnswer,
    rules: EnsembleOptions,
) -> tuple[int, ...]:
    choices = {place: _choice(votes[place], canonical, rules) for place in present}
    voting = [place for place in present if votes[place].answer.get(canonical.field, "").strip()]
    if not_blank := [place for place in voting if not choices[place][0]]:
        voting = not_blank if rules.ignore_blank else voting
    chosen: Choice | None
    if rules.strategy == "first_non_blank":
        chosen = choices[not_blank[0]] if not_blank else None
    else:
        weights: dict[Choice, list[float]] = {}
        for place in voting:
            weights.setdefault(choices[place], []).append(votes[place].weight)
        # exact sums, so that a tie goes to the choice of the first member in any order of members
        chosen = max(weights, key=lambda choice: math.fsum(weights[choice]), default=None)
    return tuple(place for place in voting if choices[place] == chosen)


def _choice(vote: Vote, canonical: CanonicalAnswer, rules: EnsembleOptions) -> Choice:
    """Normalised abstentions are equal, whatever their words."""
    abstained = vote.status == Status.ABSTAINED
    if rules.vote_on == "exact":
        return abstained, vote.answer.get(canonical.field, "")
    return abstained, "" if abstained else canonical.of(vote.answer)


def read_weights(
    scores: Mapping[str, Path], source: WeightsFrom, retrievers: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Weights by retriever and member, from their scores on another dataset.

    `scores` are the files `scores/{member}.json`.

    Raises:
        InputError: A member has no such score, or it is negative or not finite.
    """
    records = {member: (path, read_json(path)) for member, path in scores.items()}
    return {
        retriever: {
            member: _weight(path, record, source, source.retriever or retriever)
            for member, (path, record) in records.items()
        }
        for retriever in retrievers
    }


def _weight(path: Path, record: Mapping[str, Any], source: WeightsFrom, retriever: str) -> float:
    summaries = {summary["retriever"]: summary["metrics"] for summary in record["summaries"]}
    if retriever not in summaries:
        raise InputError(f"{path}: no score with retriever {retriever!r} for the weights of votes")
    metrics = summaries[retriever]
    component = source.component or list(metrics)[-1]
    if component not in metrics:
        raise InputError(f"{path}: no component {component!r}; there are: {', '.join(metrics)}")
    value = metrics[component]["value"]
    if value is None or not math.isfinite(value) or value < 0:
        raise InputError(f"{path}: {component} with {retriever} is {value}: not usable as a weight")
    return float(value)


def refuse_shared_questions(asked: Iterable[Question], weighing: Iterable[Question]) -> None:
    """Raise InputError if a question to vote on is one that the weights were computed from."""
    known = {_content(question): question.id for question in weighing}
    for question in asked:
        other = known.get(_content(question))
        if other is not None:
            raise InputError(
                f"question {question.id!r} is also one ({other!r}) of the dataset that the weights "
                "come from: its answer would leak into the vote; use other questions for weights"
            )


def _content(question: Question) -> tuple[object, ...]:
    given = tuple(sorted(question.inputs.items()))
    return " ".join(question.text.casefold().split()), given, tuple(question.images)
