"""From the members' predictions to those of an ensemble, row by row."""

import logging
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from modellab.core.errors import InputError
from modellab.core.fingerprint import digest
from modellab.core.io.jsonl import dump_json, read_json_rows, read_rows, write_json, write_rows
from modellab.core.machine import made_on, peak_memory_bytes
from modellab.core.records import NO_ANSWER, Prediction, Question, Status
from modellab.generation.voting import Decision, Vote, decide, read_weights, refuse_shared_questions
from modellab.models.generators.ensemble import EnsembleOptions
from modellab.tasks import canonical_answer
from modellab.tasks.canonical import CanonicalAnswer

log = logging.getLogger(__name__)

NOBODY = "NoMemberAnswered"
#: question, retriever, repeat
Place = tuple[str, str, int]
#: by retriever and member
Weights = Mapping[str, Mapping[str, float]]
#: one member's votes on one question, by retriever and repeat
Votes = dict[tuple[str, int], Vote]


@dataclass(frozen=True)
class EnsembleJob:
    """One ensemble on one dataset.

    Attributes:
        task: The kind of task.
        members: Files of predictions by model, in the order of the vote.
        retrievers: Those that all members have.
        scores: The members' score files on the dataset that weighs votes; empty for equal weights.
        weighing: The questions of that dataset.
    """

    model: str
    dataset: str
    task: str
    options: EnsembleOptions
    questions: Path
    members: Mapping[str, Path]
    retrievers: Sequence[str]
    scores: Mapping[str, Path] = field(default_factory=dict)
    weighing: Path | None = None


@dataclass
class VoteCounts:
    """Numbers of rows by status, and of missing votes by retriever, member and status.

    `outvoted` counts the rows of a retriever in which a member's answer is not the ensemble's.
    """

    statuses: Counter[Status] = field(default_factory=Counter)
    not_cast: Counter[tuple[str, str, Status]] = field(default_factory=Counter)
    outvoted: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, retriever: str, votes: Sequence[Vote], decision: Decision) -> None:
        self.statuses[decision.status] += 1
        for index, vote in enumerate(votes):
            self.outvoted[retriever, vote.member] += index not in decision.winners
            if not vote.has_answer:
                self.not_cast[retriever, vote.member, vote.status] += 1


def make_ensemble(job: EnsembleJob, predictions: Path, run: Path) -> None:
    """Write a prediction per question, retriever and shared repeat, and the record to `run`.

    Raises:
        InputError: A member lacks a row, or weights would leak or cannot be read.
    """
    start = time.perf_counter()
    questions = read_rows(job.questions, Question)
    weights: Weights = {}
    if job.options.weights_from is not None:
        assert job.weighing is not None
        refuse_shared_questions(questions, read_rows(job.weighing, Question))
        weights = read_weights(job.scores, job.options.weights_from, job.retrievers)
    fingerprint = {
        "version": job.options.version,
        "rules": job.options.cache_key_fields(),
        "members": {member: _model_of(path, member) for member, path in job.members.items()},
        "weights": weights,
    }
    tally = VoteCounts()
    write_rows(predictions, _rows(job, questions, weights, digest(fingerprint), tally))
    lost: Counter[str] = Counter()
    for (_, member, _), count in tally.not_cast.items():
        lost[member] += count
    if lost:
        listed = ", ".join(f"{member} {count}" for member, count in lost.items())
        what, rows = f"predictions of {job.model} on {job.dataset}", tally.statuses.total()
        log.warning("%s: votes that were not cast, of %d rows: %s", what, rows, listed)
    record = _record(job, fingerprint, tally)
    write_json(run, {**record, "wall_seconds": time.perf_counter() - start})


def _model_of(path: Path, member: str) -> str:
    """The digest of a member's fingerprint."""
    for row in read_json_rows(path):
        return str(row["model"])
    raise InputError(f"{path}: no predictions of member {member!r}; make them again")


def _rows(
    job: EnsembleJob, questions: Sequence[Question], weights: Weights, model: str, tally: VoteCounts
) -> Iterator[Prediction]:
    """In the order of every model's rows, holding the votes on one question at a time."""
    canonical = canonical_answer(job.task)
    members = {member: _by_question(path, member) for member, path in job.members.items()}
    for question in questions:
        found = {member: _votes_on(rows, question, member) for member, rows in members.items()}
        # only the repeats that all members have
        repeats = min(max(repeat for _, repeat in votes) for votes in found.values())
        for retriever in job.retrievers:
            for repeat in range(1, repeats + 1):
                place = (question.id, retriever, repeat)
                votes = [_vote_at(own, place, weights, member) for member, own in found.items()]
                decision = decide(votes, canonical, job.options)
                tally.add(retriever, votes, decision)
                yield _prediction(place, votes, decision, canonical, model)


def _by_question(path: Path, member: str) -> Iterator[tuple[str, Votes]]:
    for question, rows in groupby(read_json_rows(path), lambda row: str(row["question_id"])):
        yield question, {(row["retriever"], row["repeat"]): _vote(row, member) for row in rows}


def _vote(row: Mapping[str, Any], member: str) -> Vote:
    return Vote(
        member=member,
        status=Status(row["status"]),
        answer=row["answer"],
        key=row["key"],
        model=row["model"],
        passages=tuple(row["passages"]),
        reason=row["error_class"] or "",
    )


def _votes_on(rows: Iterator[tuple[str, Votes]], question: Question, member: str) -> Votes:
    """A member's votes on the next question."""
    name, found = next(rows, ("", {}))
    if name != question.id:
        raise InputError(
            f"member {member!r} has no row for question {question.id!r} where it should be; "
            "make its predictions again"
        )
    return found


def _vote_at(votes: Votes, place: Place, weights: Weights, member: str) -> Vote:
    question, retriever, repeat = place
    vote = votes.get((retriever, repeat))
    if vote is None:
        raise InputError(
            f"member {member!r} has no row for question {question!r} with {retriever!r}, repeat "
            f"{repeat}; make its predictions again"
        )
    return replace(vote, weight=weights[retriever][member]) if weights else vote


def _prediction(
    place: Place, votes: Sequence[Vote], decision: Decision, canonical: CanonicalAnswer, model: str
) -> Prediction:
    """Tokens, cost and times are None: they are in the members' rows."""
    error_class = error = None
    if decision.status in NO_ANSWER:
        failed = decision.status == Status.FAILED
        error_class = NOBODY if failed else decision.status.value
        reasons = (f"{vote.member} {vote.reason or vote.status.value}" for vote in votes)
        error = f"no member has an answer: {', '.join(reasons)}"
    shown = [votes[i] for i in decision.winners] or [v for v in votes if v.has_answer]
    return Prediction(
        question_id=place[0],
        retriever=place[1],
        repeat=place[2],
        status=decision.status,
        answer=decision.answer,
        raw=dump_json(
            {
                "votes": [
                    {
                        "member": vote.member,
                        "status": vote.status.value,
                        "vote": vote.answer.get(canonical.field) if vote.has_answer else None,
                        "references": (
                            sorted(canonical.references(vote.answer)) if vote.has_answer else []
                        ),
                        "weight": vote.weight,
                        "won": index in decision.winners,
                    }
                    for index, vote in enumerate(votes)
                ]
            }
        ),
        key=digest({"ensemble": model, "place": place, "votes": [vote.key for vote in votes]}),
        model=model,
        error_class=error_class,
        error=error,
        passages=shown[0].passages if shown else (),
    )


def _record(job: EnsembleJob, fingerprint: Mapping[str, Any], tally: VoteCounts) -> dict[str, Any]:
    return {
        "name": job.model,
        "dataset": job.dataset,
        "model_id": job.options.model_id(),
        "options": job.options.model_dump(mode="json"),
        "prompt": None,
        "retrievers": list(job.retrievers),
        "fingerprint": fingerprint,
        "seed": None,
        "rows": tally.statuses.total(),
        "statuses": {status.value: tally.statuses[status] for status in Status},
        "votes_not_cast": [
            {"retriever": retriever, "member": member, "status": status.value, "rows": count}
            for (retriever, member, status), count in tally.not_cast.items()
        ],
        # members whose answer is the ensemble's in every row of a retriever
        "echoes": [
            {"retriever": retriever, "member": member}
            for (retriever, member), rows in tally.outvoted.items()
            if not rows
        ],
        **made_on(),
        "model_report": {},
        "generated": 0,
        "peak_memory_bytes": peak_memory_bytes(),
        "runs": [],
    }
