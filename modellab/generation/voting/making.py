"""From members' predictions to an ensemble's: a row of the same shape for each of theirs."""

from __future__ import annotations

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
from modellab.generation.voting.voting import Decision, Vote, decide
from modellab.generation.voting.weights import read_weights, refuse_shared_questions
from modellab.models.generators.ensemble import EnsembleOptions
from modellab.tasks import canonical_answer
from modellab.tasks.canonical import CanonicalAnswer

log = logging.getLogger(__name__)

NOBODY = "NoMemberAnswered"
#: a row's place: question, retriever, repeat
Place = tuple[str, str, int]
Weights = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class EnsembleJob:
    """One ensemble on one dataset.

    `task` is the kind of task; `members` are files of predictions by model, in the order of the
    vote; `retrievers` those that all members have. `scores` are the members' score files on the
    dataset that weighs votes, and `weighing` its questions; empty where votes weigh the same.
    """

    name: str
    dataset: str
    task: str
    options: EnsembleOptions
    questions: Path
    members: Mapping[str, Path]
    retrievers: Sequence[str]
    scores: Mapping[str, Path] = field(default_factory=dict)
    weighing: Path | None = None


@dataclass
class Tally:
    """What became of the rows: by status, and the votes not cast by retriever, member, status.

    `outvoted` counts the rows of a retriever on which a member's answer is not the ensemble's.
    """

    statuses: Counter[Status] = field(default_factory=Counter)
    not_cast: Counter[tuple[str, str, Status]] = field(default_factory=Counter)
    outvoted: Counter[tuple[str, str]] = field(default_factory=Counter)

    def echoes(self) -> list[dict[str, str]]:
        """Members whose answer is the ensemble's on every row of a retriever."""
        return [
            {"retriever": retriever, "member": member}
            for (retriever, member), rows in self.outvoted.items()
            if not rows
        ]


def make_ensemble(job: EnsembleJob, out: Path, run: Path) -> None:
    """Write one prediction per question, retriever and shared repeat to `out`, and how to `run`.

    Raises InputError where a member lacks a row, or weights would leak or cannot be read.
    """
    start = time.perf_counter()
    questions = read_rows(job.questions, Question)
    weights = _weights(job, questions)
    fingerprint = {
        "version": job.options.version,
        "rules": job.options.cache_key_fields(),
        "members": {member: _model_of(path, member) for member, path in job.members.items()},
        "weights": weights,
    }
    tally = Tally()
    write_rows(out, _rows(job, questions, weights, digest(fingerprint), tally))
    _warn_of_lost_votes(job, tally)
    record = _record(job, fingerprint, tally)
    write_json(run, {**record, "wall_seconds": time.perf_counter() - start})


def _weights(job: EnsembleJob, questions: Sequence[Question]) -> Weights:
    source = job.options.weights_from
    if source is None:
        return {}
    assert job.weighing is not None
    refuse_shared_questions(questions, read_rows(job.weighing, Question))
    return read_weights(job.scores, source, job.retrievers)


def _model_of(path: Path, member: str) -> str:
    """The digest of a member's fingerprint."""
    for row in read_json_rows(path):
        return str(row["model"])
    raise InputError(f"{path}: no predictions of member {member!r}; make them again")


def _rows(
    job: EnsembleJob, questions: Sequence[Question], weights: Weights, model: str, tally: Tally
) -> Iterator[Prediction]:
    """In the order of every model's rows; one question of all members is held at a time."""
    canonical = canonical_answer(job.task)
    members = {member: _by_question(path, member) for member, path in job.members.items()}
    for question in questions:
        found = {member: _rows_of(rows, question, member) for member, rows in members.items()}
        # of repeats those that all members have
        repeats = min(max(repeat for _, repeat in rows) for rows in found.values())
        for retriever in job.retrievers:
            for repeat in range(1, repeats + 1):
                place = (question.id, retriever, repeat)
                cast = [_cast(rows, place, weights, member) for member, rows in found.items()]
                decision = decide(cast, canonical, job.options)
                tally.statuses[decision.status] += 1
                for index, vote in enumerate(cast):
                    tally.outvoted[retriever, vote.member] += index not in decision.winners
                lost = [vote for vote in cast if not vote.has_answer]
                tally.not_cast.update((retriever, vote.member, vote.status) for vote in lost)
                yield _prediction(place, cast, decision, canonical, model)


def _by_question(path: Path, member: str) -> Iterator[tuple[str, dict[tuple[str, int], Vote]]]:
    """A member's rows, question by question, by retriever and repeat."""
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


def _rows_of(
    rows: Iterator[tuple[str, dict[tuple[str, int], Vote]]], question: Question, member: str
) -> dict[tuple[str, int], Vote]:
    """A member's rows of the question that comes next."""
    name, found = next(rows, ("", {}))
    if name != question.id:
        raise InputError(
            f"member {member!r} has no row for question {question.id!r} where it should stand; "
            "make its predictions again"
        )
    return found


def _cast(
    rows: Mapping[tuple[str, int], Vote], place: Place, weights: Weights, member: str
) -> Vote:
    question, retriever, repeat = place
    vote = rows.get((retriever, repeat))
    if vote is None:
        raise InputError(
            f"member {member!r} has no row for question {question!r} with {retriever!r}, repeat "
            f"{repeat}; make its predictions again"
        )
    return replace(vote, weight=weights[retriever][member]) if weights else vote


def _prediction(
    place: Place, votes: Sequence[Vote], decision: Decision, canonical: CanonicalAnswer, model: str
) -> Prediction:
    """Tokens, cost and times stay None: the members' rows have them."""
    nobody = decision.status in NO_ANSWER
    shown = [votes[i] for i in decision.winners] or [v for v in votes if v.has_answer]
    return Prediction(
        question_id=place[0],
        retriever=place[1],
        repeat=place[2],
        status=decision.status,
        answer=decision.answer,
        raw=dump_json(
            {"votes": [_vote_record(i, v, decision, canonical) for i, v in enumerate(votes)]}
        ),
        key=digest({"ensemble": model, "place": place, "votes": [vote.key for vote in votes]}),
        model=model,
        error_class=_error_class(decision.status),
        error=_reasons(votes) if nobody else None,
        passages=shown[0].passages if shown else (),
    )


def _error_class(status: Status) -> str | None:
    if status == Status.FAILED:
        return NOBODY
    return status.value if status == Status.MISSING else None


def _reasons(votes: Sequence[Vote]) -> str:
    listed = (f"{vote.member} {vote.reason or vote.status.value}" for vote in votes)
    return f"no member has an answer: {', '.join(listed)}"


def _vote_record(
    place: int, vote: Vote, decision: Decision, canonical: CanonicalAnswer
) -> dict[str, Any]:
    """One member's vote, as the row's `raw` has it."""
    return {
        "member": vote.member,
        "status": vote.status.value,
        "vote": vote.answer.get(canonical.field) if vote.has_answer else None,
        "references": sorted(canonical.references(vote.answer)) if vote.has_answer else [],
        "weight": vote.weight,
        "won": place in decision.winners,
    }


def _warn_of_lost_votes(job: EnsembleJob, tally: Tally) -> None:
    """A vote without some of the voters is not what was asked for, so it is logged."""
    by_member: Counter[str] = Counter()
    for (_, member, _), count in tally.not_cast.items():
        by_member[member] += count
    if by_member:
        listed = ", ".join(f"{member} {count}" for member, count in by_member.items())
        what, rows = f"predictions of {job.name} on {job.dataset}", tally.statuses.total()
        log.warning("%s: votes that were not cast, of %d rows: %s", what, rows, listed)


def _record(job: EnsembleJob, fingerprint: Mapping[str, Any], tally: Tally) -> dict[str, Any]:
    return {
        "name": job.name,
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
        "echoes": tally.echoes(),
        **made_on(),
        "model_report": {},
        "generated": 0,
        "peak_memory_bytes": peak_memory_bytes(),
        "runs": [],
    }
