"""From one model's predictions to one judge's judgements of them.

Each reply of the judge goes to a journal the moment it exists; what the journal already holds is
not asked again. The predictions are read, never made.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from modellab.core.deadline import deadline
from modellab.core.fingerprint import file_digest
from modellab.core.io.journal import open_journal
from modellab.core.io.jsonl import write_json, write_rows
from modellab.core.machine import peak_memory_bytes
from modellab.core.records import Response
from modellab.core.retry_rounds import PASSING, begin_round, end_round, warn_of_open_rows
from modellab.core.run_history import RunHistory, made_on
from modellab.generation.session import ModelSession
from modellab.judging import JudgeEntry
from modellab.judging.materials import Ask, Call, Materials
from modellab.judging.records import Judgement, State
from modellab.judging.requests import JudgeRequests
from modellab.judging.samples import read_samples
from modellab.tasks import canonical_answer

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class JudgeJob:
    """One judge on one model's answers to one dataset.

    `task` is the kind of task. `predictions` are those of the `model`, `others` those that it is
    compared with; `contexts` are files by retriever, `prompts` by metric. Only answers with one of
    the `retrievers` are judged (None: all). `seed` is None where nothing is drawn at random;
    `round` and `keep_failed` are as in a PredictionJob.
    """

    name: str
    dataset: str
    model: str
    task: str
    judge: JudgeEntry
    prompts: Mapping[str, Path]
    questions: Path
    predictions: Path
    others: Mapping[str, Path]
    contexts: Mapping[str, Path]
    chunks: Path | None
    retrievers: tuple[str, ...] | None
    journal: Path
    seed: int | None
    timeout_seconds: float | None = None
    round: int = 0
    keep_failed: bool = False


def judge_model(job: JudgeJob, out: Path, run: Path) -> None:
    """Write one row per judgement to `out`, and how they were made to `run`.

    Raises InputError when the judge's model cannot be loaded, the journal is not one, or the
    time is up.
    """
    minutes = (job.timeout_seconds or 0) / 60
    message = (
        f"judges.{job.name}: stopped after its timeout_minutes of {minutes:g}; every judgement so "
        "far is kept, run again to go on"
    )
    with deadline(job.timeout_seconds, message):
        _judge_model(job, out, run)


def _judge_model(job: JudgeJob, out: Path, run: Path) -> None:
    start = time.perf_counter()
    run_name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
    asking_again = begin_round(job.journal, job.round)
    options = job.judge.judging_model
    fingerprint = dict(options.fingerprint())
    requests = requests_of(job, fingerprint)
    judging = job.judge.judging(materials_of(job))
    what = f"{job.name} judging {job.model} on {job.dataset}"
    history = RunHistory(job.journal.with_suffix(".runs.json"), run_name)
    schema = job.judge.reply_schema()
    with (
        open_journal(job.journal, PASSING if asking_again else None) as journal,
        ModelSession(
            what,
            run_name,
            options,
            job.seed or 0,
            schema,
            journal,
            history.begin,
            job.keep_failed,
        ) as session,
    ):
        used: dict[str, str | None] = {}
        rows = judging.judge(_asking(session, requests, used))
    _warn_of_failures(what, rows)
    warn_of_open_rows(what, len(session.left_open), job.keep_failed)
    write_rows(out, rows)
    resource_usage = {**_resource_usage(session), "wall_seconds": time.perf_counter() - start}
    history.end(resource_usage)
    record = {
        **_record(job, fingerprint, rows),
        "left_open": len(session.left_open),
        **resource_usage,
    }
    write_json(run, {**record, "runs": history.of(used.values())})
    end_round(job.journal, job.round, len(session.left_open))


def materials_of(job: JudgeJob) -> Materials:
    """What the job's files hold for the judge."""
    return Materials(
        samples=_samples(job, job.predictions),
        others={name: _samples(job, path) for name, path in job.others.items()},
        prompts=job.prompts,
        chunks=job.chunks,
        seed=job.seed or 0,
    )


def requests_of(job: JudgeJob, fingerprint: Mapping[str, Any]) -> JudgeRequests:
    return JudgeRequests(
        kind=type(job.judge).__name__,
        version=job.judge.version,
        options=job.judge.judging_model,
        fingerprint=fingerprint,
        schema=job.judge.reply_schema(),
        seed=job.seed,
    )


def _samples(job: JudgeJob, predictions: Path) -> tuple[Any, ...]:
    samples = read_samples(job.questions, predictions, job.contexts, canonical_answer(job.task))
    wanted = job.retrievers
    return tuple(s for s in samples if wanted is None or s.retriever in wanted)


def _asking(session: ModelSession, requests: JudgeRequests, used: dict[str, str | None]) -> Ask:
    def ask(calls: Sequence[Call]) -> list[Response]:
        if not calls:
            return []
        responses = session.answer([requests.make(call) for call in calls])
        used.update((response.key, response.run) for response in responses)
        return responses

    return ask


def _warn_of_failures(what: str, rows: Sequence[Judgement]) -> None:
    reasons = Counter(row.reason for row in rows if row.state == State.FAILED)
    if reasons:
        told = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
        log.warning("%s: %d of %d rows failed (%s)", what, reasons.total(), len(rows), told)


def _record(
    job: JudgeJob, fingerprint: Mapping[str, Any], rows: Sequence[Judgement]
) -> dict[str, Any]:
    states = [row.state for row in rows]
    return {
        "judge": job.name,
        "dataset": job.dataset,
        "model": job.model,
        "judge_model": job.judge.judging_model.model_id(),
        "options": job.judge.cache_key_fields(),
        "prompts": {
            name: {"path": str(path), "sha256": file_digest(path)}
            for name, path in job.prompts.items()
        },
        "fingerprint": fingerprint,
        "seed": job.seed,
        "rows": len(rows),
        "states": {state.value: states.count(state) for state in State},
    }


def _resource_usage(session: ModelSession) -> dict[str, Any]:
    return {
        **made_on(),
        "session": session.report(),
        **session.resource_usage.as_json(),
        "peak_memory_bytes": peak_memory_bytes(),
    }
