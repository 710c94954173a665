"""From questions and contexts to a model's predictions.

Each answer goes to the journal the moment it exists; what the journal already holds is not
generated again. The predictions appear complete or not at all.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from modellab.digest import digest
from modellab.machine import describe_machine, package_versions, peak_memory_bytes
from modellab.progress import with_progress
from modellab.prompts import Prompt, load_prompt
from modellab.providers.protocol import ModelOptions
from modellab.records import Context, Passage, Prediction, Question, Request, Response, Status
from modellab.storage.journal import Entry, Journal, open_journal
from modellab.storage.jsonl import read_rows, write_json, write_rows
from modellab.submissions import EXTERNAL
from modellab.tasks.protocol import Parsed, Task

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PredictionJob:
    """One model on one dataset. `contexts` are files by retriever; empty for `external` rows."""

    name: str
    dataset: str
    options: ModelOptions
    task: Task
    prompt: Path | None
    questions: Path
    contexts: Mapping[str, Path]
    journal: Path
    seed: int


@dataclass
class Timing:
    """Seconds of one run, and how many answers were made and reused."""

    load_seconds: float = 0.0
    generate_seconds: float = 0.0
    generated: int = 0
    reused: int = 0


def predict(job: PredictionJob, out: Path, run: Path) -> None:
    """Write one prediction per question, retriever and repeat to `out`, and how to `run`.

    Raises InputError when the model cannot be loaded or the journal is not one.
    """
    identity = dict(job.options.identity())
    requests = list(_requests(job, identity))
    timing = Timing()
    with open_journal(job.journal) as journal:
        fresh = _generate(job, requests, journal, timing)
        responses = {**journal.responses, **fresh}
    rows = [_prediction(job.task, request, responses[request.key]) for request in requests]
    write_rows(out, rows)
    write_json(run, _run_record(job, identity, rows, timing))


def _requests(job: PredictionJob, identity: Mapping[str, Any]) -> Iterator[Request]:
    """All requests of a job, in the order of questions, retrievers and repeats."""
    questions = read_rows(job.questions, Question)
    prompt = load_prompt(job.prompt) if job.prompt and job.options.uses_prompt else None
    contexts = {name: _passages(path) for name, path in job.contexts.items()}
    for question in questions:
        for retriever in contexts or (EXTERNAL,):
            passages = contexts[retriever][question.id] if contexts else ()
            for repeat in range(1, job.options.repeats + 1):
                request = Request("", question, retriever, repeat, passages, ())
                yield _keyed(job, identity, prompt, request)


def _passages(path: Path) -> dict[str, tuple[Passage, ...]]:
    return {context.question_id: context.passages for context in read_rows(path, Context)}


def _keyed(
    job: PredictionJob, identity: Mapping[str, Any], prompt: Prompt | None, request: Request
) -> Request:
    """The request with its messages, and the key that names all that decides its answer."""
    if prompt:
        variables = job.task.variables(request.question, request.passages)
        request = replace(request, messages=prompt.messages(variables))
    decides = {
        "provider": type(job.options).__name__,
        "version": job.options.version,
        "identity": identity,
        "seed": job.seed if job.options.samples() else None,
        "repeat": request.repeat,
        "input": _input(job.options, request),
    }
    return replace(request, key=digest(decides))


def _input(options: ModelOptions, request: Request) -> Any:
    """What of a request a model reads."""
    if options.uses_prompt:
        return [asdict(message) for message in request.messages]
    question: dict[str, Any] = {
        "text": request.question.text,
        "given": dict(request.question.given),
    }
    if options.uses_contexts:
        fields = ("document_id", "title", "text")
        passages = [[getattr(passage, name) for name in fields] for passage in request.passages]
        return {**question, "passages": passages}
    return {**question, "id": request.question.id}


def _generate(
    job: PredictionJob, requests: Sequence[Request], journal: Journal, timing: Timing
) -> dict[str, Response]:
    """Answer what the journal does not hold yet; equal requests are asked once."""
    wanted = {request.key: request for request in requests}
    pending = [request for key, request in wanted.items() if key not in journal.responses]
    timing.reused = len(wanted) - len(pending)
    log.info("%d answers wanted, %d of them in the journal", len(wanted), timing.reused)
    if not pending:
        return {}
    start = time.perf_counter()
    with job.options.open(job.seed, job.task.schema) as model:
        loaded = time.perf_counter()
        timing.load_seconds = loaded - start
        answers = model.answer(pending)
        what = f"predictions of {job.name} on {job.dataset}"
        fresh = {
            response.key: _journaled(journal, wanted, response)
            for response in with_progress(answers, len(pending), what)
        }
        timing.generate_seconds = time.perf_counter() - loaded
    timing.generated = len(fresh)
    _check_complete(job, wanted, journal, fresh)
    return fresh


def _journaled(journal: Journal, wanted: Mapping[str, Request], response: Response) -> Response:
    request = wanted[response.key]
    journal.append(Entry(request.question.id, request.retriever, request.repeat, response))
    return response


def _check_complete(
    job: PredictionJob,
    wanted: Mapping[str, Request],
    journal: Journal,
    fresh: Mapping[str, Response],
) -> None:
    unanswered = [key for key in wanted if key not in fresh and key not in journal.responses]
    if unanswered:
        raise RuntimeError(
            f"the provider of {job.name} gave no response to {len(unanswered)} requests, "
            f"the first for question {wanted[unanswered[0]].question.id}"
        )


def _prediction(task: Task, request: Request, response: Response) -> Prediction:
    parsed = _parsed(task, response)
    shared = {key: value for key, value in vars(response).items() if key not in ("key", "text")}
    return Prediction(
        question_id=request.question.id,
        retriever=request.retriever,
        repeat=request.repeat,
        status=parsed.status,
        answer=parsed.answer,
        raw=response.text,
        key=response.key,
        passages=tuple(passage.chunk_id for passage in request.passages),
        **shared,
    )


def _parsed(task: Task, response: Response) -> Parsed:
    if response.error_class == Status.MISSING:
        return Parsed(Status.MISSING)
    if response.error_class is not None or response.text is None:
        return Parsed(Status.FAILED)
    return task.parse(response.text)


def _run_record(
    job: PredictionJob, identity: Mapping[str, Any], rows: Sequence[Prediction], timing: Timing
) -> dict[str, Any]:
    statuses = [row.status for row in rows]
    return {
        "name": job.name,
        "dataset": job.dataset,
        "model_id": job.options.model_id(),
        "options": job.options.model_dump(mode="json"),
        "identity": identity,
        "seed": job.seed,
        "machine": describe_machine(),
        "versions": package_versions(),
        "rows": len(rows),
        "statuses": {status.value: statuses.count(status) for status in Status},
        **asdict(timing),
        "peak_memory_bytes": peak_memory_bytes(),
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
