"""From questions and contexts to a model's predictions.

Each answer goes to the journal the moment it exists; what the journal already holds is not
generated again. The predictions appear complete or not at all.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from modellab.core.deadline import deadline
from modellab.core.efficiency import known_sum
from modellab.core.fingerprint import digest, file_digest
from modellab.core.io.journal import open_journal
from modellab.core.io.jsonl import read_rows, write_json, write_rows
from modellab.core.machine import peak_memory_bytes
from modellab.core.records import (
    NO_ANSWER,
    Context,
    Prediction,
    Question,
    Request,
    Response,
    Status,
)
from modellab.core.retry_rounds import PASSING, begin_round, end_round, warn_of_open_rows
from modellab.core.run_history import RunHistory, made_on
from modellab.generation.requests import RequestMaker
from modellab.generation.session import ModelSession
from modellab.models.prompts import load_prompt
from modellab.models.protocol import ModelOptions
from modellab.models.submission_files import EXTERNAL
from modellab.tasks.protocol import Parsed, Task

log = logging.getLogger(__name__)

#: what a row has of its last response, and what of all its askings together
_OF_THE_LAST = (
    *("key", "error_class", "finish_reason", "batch_size", "peak_memory_bytes"),
    *("dtype", "quantization", "method", "run", "confidence", "thought"),
)
_OF_ALL_ASKINGS = (
    *("prompt_tokens", "completion_tokens", "latency_seconds", "queue_seconds"),
    *("retries", "cost_usd", "thought_tokens"),
)
#: seconds of the wall clock by run and key
Shares = Mapping[tuple[str, str], float]

#: the retriever's name in rows of datasets that have no retrieval
NO_RETRIEVER = "none"


@dataclass(frozen=True)
class PredictionJob:
    """One model on one dataset.

    `contexts` are files by retriever; None where the dataset has no corpus, and rows of one
    retriever named `none`. A model that reads no contexts has rows of one retriever named
    `external`. `seed` is None where nothing is drawn at random; `timeout_seconds` where the job may
    take as long as it does. `round` counts how often failed rows were asked again; `keep_failed`
    lets a job end with failed rows where the model is asked nothing more.
    """

    name: str
    dataset: str
    options: ModelOptions
    task: Task
    prompt: Path | None
    questions: Path
    contexts: Mapping[str, Path] | None
    journal: Path
    seed: int | None
    timeout_seconds: float | None = None
    round: int = 0
    keep_failed: bool = False


@dataclass(frozen=True)
class Row:
    """One row to be: its request, its context, and what came of asking so far.

    `earlier` are the blank responses after which it was asked again.
    """

    request: Request
    context: Context | None
    earlier: tuple[Response, ...] = ()
    response: Response | None = None
    parsed: Parsed | None = None

    @property
    def responses(self) -> tuple[Response, ...]:
        """Of all askings, the last one last."""
        return (*self.earlier, self.response) if self.response else self.earlier


def predict(job: PredictionJob, out: Path, run: Path) -> None:
    """Write one prediction per question, retriever and repeat to `out`, and how to `run`.

    Raises InputError when the model cannot be loaded, the journal is not one, or the time is up.
    """
    with deadline(job.timeout_seconds, _time_is_up(job)):
        _predict(job, out, run)


def _time_is_up(job: PredictionJob) -> str:
    minutes = (job.timeout_seconds or 0) / 60
    return (
        f"models.{job.name}: stopped after its timeout_minutes of {minutes:g}; every answer so far "
        f"is in {job.journal}: run again to go on from there"
    )


def _predict(job: PredictionJob, out: Path, run: Path) -> None:
    start = time.perf_counter()
    run_name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
    asking_again = begin_round(job.journal, job.round)
    fingerprint = dict(job.options.fingerprint())
    maker = _maker(job, fingerprint)
    what = f"predictions of {job.name} on {job.dataset}"
    history = RunHistory(job.journal.with_suffix(".runs.json"), run_name)
    with (
        open_journal(job.journal, PASSING if asking_again else None) as journal,
        ModelSession(
            what,
            run_name,
            job.options,
            job.seed or 0,
            job.task.schema,
            journal,
            history.begin,
            job.keep_failed,
        ) as session,
    ):
        rows = _ask_all(job, maker, session)
        shares = journal.seconds_per_answer()
    model = digest(fingerprint)
    predictions = [_prediction(model, row, shares) for row in rows]
    _warn_of_rows_without_answer(what, predictions)
    warn_of_open_rows(what, len(session.left_open), job.keep_failed)
    write_rows(out, predictions)
    resource_usage = {**_resource_usage(session), "wall_seconds": time.perf_counter() - start}
    history.end(resource_usage)
    runs = history.of(response.run for row in rows for response in row.responses)
    record = {**_record(job, fingerprint, predictions), "left_open": len(session.left_open)}
    write_json(run, {**record, **resource_usage, "runs": runs})
    end_round(job.journal, job.round, len(session.left_open))


def _maker(job: PredictionJob, fingerprint: Mapping[str, Any]) -> RequestMaker:
    prompt = load_prompt(job.prompt) if job.prompt and job.options.uses_prompt else None
    return RequestMaker(job.options, fingerprint, job.task, prompt, job.seed)


def _ask_all(job: PredictionJob, maker: RequestMaker, session: ModelSession) -> list[Row]:
    """Ask for every row; then, as often as the model's options say, for the blank ones again."""
    rows = _answered(job.task, session, list(_rows(job, maker)))
    for asked in range(2, 2 + job.options.retry_on_abstain):
        again = {index: _with_more(maker, row, asked) for index, row in enumerate(rows)}
        retried = {index: row for index, row in again.items() if row is not None}
        answered = _answered(job.task, session, list(retried.values()))
        for index, row in zip(retried, answered, strict=True):
            rows[index] = row
    return rows


def _rows(job: PredictionJob, maker: RequestMaker) -> Iterator[Row]:
    """All rows, in the order of questions, retrievers and repeats."""
    contexts = {name: _by_question(path) for name, path in (job.contexts or {}).items()}
    own = list(contexts) if job.contexts is not None else [NO_RETRIEVER]
    retrievers = own if job.options.uses_contexts else [EXTERNAL]
    for question in read_rows(job.questions, Question):
        for retriever in retrievers:
            context = contexts[retriever][question.id] if retriever in contexts else None
            passages = context.passages[: context.shown] if context else ()
            for repeat in range(1, job.options.repeats + 1):
                yield Row(maker.make(question, retriever, repeat, passages), context)


def _by_question(path: Path) -> dict[str, Context]:
    return {context.question_id: context for context in read_rows(path, Context)}


def _with_more(maker: RequestMaker, row: Row, asked: int) -> Row | None:
    """The row asked again with `asked` times the passages; None if there is no need or no more."""
    blank = row.parsed is not None and row.parsed.status == Status.ABSTAINED
    if not blank or row.context is None or row.context.shown is None:
        return None
    passages = row.context.passages[: row.context.shown * asked]
    if len(passages) <= len(row.request.passages):
        return None
    old = row.request
    request = maker.make(old.question, old.retriever, old.repeat, passages)
    return Row(request, row.context, row.responses)


def _answered(task: Task, session: ModelSession, rows: Sequence[Row]) -> list[Row]:
    """Rows with responses. A question without text or picture is not put to the model."""
    requests = [row.request for row in rows]
    asked = iter(session.answer([request for request in requests if _says_something(request)]))
    responses = [next(asked) if _says_something(r) else _nothing_to_ask(r) for r in requests]
    return [
        replace(row, response=response, parsed=_parsed(task, response))
        for row, response in zip(rows, responses, strict=True)
    ]


def _says_something(request: Request) -> bool:
    return bool(request.question.text.strip() or request.question.images)


def _nothing_to_ask(request: Request) -> Response:
    error = "the text is missing, so the model was not asked"
    return Response(request.key, None, error_class=Status.MISSING.value, error=error)


def _parsed(task: Task, response: Response) -> Parsed:
    if response.error_class == Status.MISSING:
        return Parsed(Status.MISSING)
    if response.error_class is not None or response.text is None:
        return Parsed(Status.FAILED)
    if response.thought and not response.text:
        return Parsed(Status.UNPARSED, reason="a thought, and no answer after it")
    return task.parse(response.text)


def _prediction(model: str, row: Row, shares: Shares) -> Prediction:
    assert row.response is not None
    assert row.parsed is not None
    measured: dict[str, Any] = {name: getattr(row.response, name) for name in _OF_THE_LAST}
    for name in _OF_ALL_ASKINGS:
        measured[name] = known_sum(getattr(response, name) for response in row.responses)
    return Prediction(
        question_id=row.request.question.id,
        retriever=row.request.retriever,
        repeat=row.request.repeat,
        status=row.parsed.status,
        answer=row.parsed.answer,
        raw=row.response.text if row.response.raw is None else row.response.raw,
        error=row.response.error or row.parsed.reason or None,
        model=model,
        asked=len(row.responses),
        passages=tuple(passage.chunk_id for passage in row.request.passages),
        seconds_per_answer=known_sum(shares.get((r.run or "", r.key)) for r in row.responses),
        **measured,
    )


def _warn_of_rows_without_answer(what: str, rows: Sequence[Prediction]) -> None:
    """A model that fails at every request has not failed as a job: somebody must say so."""
    reasons = Counter(
        row.error_class or row.status.value for row in rows if row.status in NO_ANSWER
    )
    if reasons:
        told = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
        log.warning("%s: %d of %d rows have no answer (%s)", what, reasons.total(), len(rows), told)


def _prompt_record(job: PredictionJob) -> dict[str, str] | None:
    if job.prompt is None or not job.options.uses_prompt:
        return None
    return {"path": str(job.prompt), "sha256": file_digest(job.prompt)}


def _record(
    job: PredictionJob, fingerprint: Mapping[str, Any], rows: Sequence[Prediction]
) -> dict[str, Any]:
    statuses = [row.status for row in rows]
    return {
        "name": job.name,
        "dataset": job.dataset,
        "model_id": job.options.model_id(),
        "options": job.options.model_dump(mode="json"),
        "prompt": _prompt_record(job),
        "retrievers": list(dict.fromkeys(row.retriever for row in rows)),
        "fingerprint": fingerprint,
        "seed": job.seed,
        "rows": len(rows),
        "statuses": {status.value: statuses.count(status) for status in Status},
    }


def _resource_usage(session: ModelSession) -> dict[str, Any]:
    return {
        **made_on(),
        "model": session.report(),
        **session.resource_usage.as_json(),
        "peak_memory_bytes": peak_memory_bytes(),
    }
