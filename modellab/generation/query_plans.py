"""From questions to a model's plans: the queries that a retriever of kind `planned` searches for.

Each reply goes to a journal the moment it exists; what the journal already holds is not asked
again. A reply that cannot be read is a plan without queries, and says so.
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
from modellab.core.fingerprint import digest, file_digest
from modellab.core.io.journal import open_journal
from modellab.core.io.jsonl import read_rows, write_json, write_rows
from modellab.core.machine import peak_memory_bytes
from modellab.core.records import Passage, Plan, PlanStatus, Question, Response, Status
from modellab.core.retry_rounds import PASSING, begin_round, end_round, warn_of_open_rows
from modellab.core.run_history import RunHistory, made_on
from modellab.core.text.json_reading import SeveralObjectsError, field_text, the_object
from modellab.generation.requests import RequestMaker
from modellab.generation.session import ModelSession
from modellab.models.prompts import load_prompt
from modellab.models.protocol import ModelOptions
from modellab.tasks.protocol import Parsed

log = logging.getLogger(__name__)

_KEY = "queries"


@dataclass(frozen=True)
class PlanJob:
    """The plans of one retriever for one dataset. `seed` is None where nothing is drawn.

    `round` and `keep_failed` are as in a PredictionJob.
    """

    retriever: str
    dataset: str
    model: str
    options: ModelOptions
    max_queries: int
    prompt: Path
    questions: Path
    journal: Path
    seed: int | None
    timeout_seconds: float | None = None
    round: int = 0
    keep_failed: bool = False


class Planning:
    """The task of making queries. A prompt may use `question` and `number`."""

    fields: tuple[str, ...] = (_KEY,)

    def __init__(self, max_queries: int) -> None:
        self._max = max_queries

    @property
    def schema(self) -> Mapping[str, Any]:
        listed = {"type": "array", "items": {"type": "string"}, "maxItems": self._max}
        return {
            "type": "object",
            "properties": {_KEY: listed},
            "required": [_KEY],
            "additionalProperties": False,
        }

    def variables(self, question: Question, passages: Sequence[Passage]) -> dict[str, Any]:
        return {"question": question.text, "number": self._max}

    def parse(self, text: str) -> Parsed:
        found = queries_of(text)
        if found is None:
            return Parsed(Status.UNPARSED)
        return Parsed(Status.ANSWERED, {_KEY: "\n".join(found)})


def queries_of(text: str) -> list[str] | None:
    """The queries of a reply `{"queries": ["...", ...]}`, each once; None where there is none."""
    try:
        data = the_object(text, (_KEY,))
    except SeveralObjectsError:
        return None
    listed = data.get(_KEY) if data else None
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        return None
    plain = [" ".join(field_text(one).split()) for one in listed]
    return list(dict.fromkeys(one for one in plain if one)) or None


def plan_queries(job: PlanJob, out: Path, run: Path) -> None:
    """Write one plan per question to `out`, and how they were made to `run`.

    Raises InputError when the model cannot be loaded, the journal is not one, or the time is up.
    """
    minutes = (job.timeout_seconds or 0) / 60
    message = (
        f"retrievers.{job.retriever}: stopped after the timeout_minutes of {minutes:g} of "
        f"{job.model}; every plan so far is kept, run again to go on"
    )
    with deadline(job.timeout_seconds, message):
        _plan_queries(job, out, run)


def _plan_queries(job: PlanJob, out: Path, run: Path) -> None:
    start = time.perf_counter()
    run_name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
    what = f"plans of {job.retriever} for {job.dataset}"
    asking_again = begin_round(job.journal, job.round)
    task, fingerprint = Planning(job.max_queries), dict(job.options.fingerprint())
    maker = RequestMaker(job.options, fingerprint, task, load_prompt(job.prompt), job.seed)
    questions = read_rows(job.questions, Question)
    history = RunHistory(job.journal.with_suffix(".runs.json"), run_name)
    with (
        open_journal(job.journal, PASSING if asking_again else None) as journal,
        ModelSession(
            what,
            run_name,
            job.options,
            job.seed or 0,
            task.schema,
            journal,
            history.begin,
            job.keep_failed,
        ) as session,
    ):
        requests = [maker.make(question, job.retriever, 1, ()) for question in questions]
        responses = session.answer(requests)
        shares = journal.seconds_per_answer()
    pairs = zip(questions, responses, strict=True)
    plans = [
        _plan(job, question, response, shares.get((response.run or "", response.key)))
        for question, response in pairs
    ]
    _warn(what, plans)
    warn_of_open_rows(what, len(session.left_open), job.keep_failed)
    write_rows(out, plans)
    resource_usage = {
        **made_on(),
        "session": session.report(),
        **session.resource_usage.as_json(),
        "peak_memory_bytes": peak_memory_bytes(),
        "wall_seconds": time.perf_counter() - start,
    }
    history.end(resource_usage)
    runs = history.of(plan.run for plan in plans)
    write_json(run, {**_record(job, fingerprint, plans), **resource_usage, "runs": runs})
    end_round(job.journal, job.round, len(session.left_open))


def _plan(job: PlanJob, question: Question, response: Response, share: float | None) -> Plan:
    failed = response.error_class is not None or response.text is None
    found = None if failed else queries_of(response.text or "")
    unparsed = PlanStatus.FAILED if failed else PlanStatus.UNPARSED
    return Plan(
        question_id=question.id,
        retriever=job.retriever,
        status=unparsed if found is None else PlanStatus.PLANNED,
        queries=tuple((found or [])[: job.max_queries]),
        cut=max(0, len(found or []) - job.max_queries),
        raw=response.text,
        key=response.key,
        error_class=response.error_class,
        error=response.error,
        finish_reason=response.finish_reason,
        prompt_tokens=response.prompt_tokens,
        completion_tokens=response.completion_tokens,
        latency_seconds=response.latency_seconds,
        retries=response.retries,
        cost_usd=response.cost_usd,
        run=response.run,
        seconds_per_answer=share,
    )


def _warn(what: str, plans: Sequence[Plan]) -> None:
    """A model that never plans has not failed as a job: somebody must say so."""
    reasons = Counter(
        plan.error_class or plan.status.value for plan in plans if plan.status != PlanStatus.PLANNED
    )
    if reasons:
        told = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
        log.warning("%s: %d of %d have no queries (%s)", what, reasons.total(), len(plans), told)
    cut = sum(plan.cut for plan in plans)
    if cut:
        log.warning("%s: %d queries beyond max_queries were cut off", what, cut)


def _record(job: PlanJob, fingerprint: Mapping[str, Any], plans: Sequence[Plan]) -> dict[str, Any]:
    states = [plan.status for plan in plans]
    return {
        "retriever": job.retriever,
        "dataset": job.dataset,
        "model": job.model,
        "model_id": job.options.model_id(),
        "fingerprint": fingerprint,
        "model_digest": digest(fingerprint),
        "prompt": {"path": str(job.prompt), "sha256": file_digest(job.prompt)},
        "max_queries": job.max_queries,
        "seed": job.seed,
        "rows": len(plans),
        "states": {state.value: states.count(state) for state in PlanStatus},
        "queries": sum(len(plan.queries) for plan in plans),
        "cut": sum(plan.cut for plan in plans),
    }
