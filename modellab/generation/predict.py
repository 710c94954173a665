"""From questions and contexts to a model's predictions, which appear complete or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from modellab.core.efficiency import known_sum
from modellab.core.fingerprint import digest, file_digest
from modellab.core.io.jsonl import read_rows
from modellab.core.records import (
    NO_ANSWER,
    Context,
    Prediction,
    Question,
    Request,
    Response,
    Status,
)
from modellab.generation.driver import AskingJob, Driver, limited
from modellab.generation.requests import RequestMaker
from modellab.generation.shards import WHOLE, Shard
from modellab.models.prompts import load_prompt
from modellab.models.protocol import ModelOptions
from modellab.models.submission_files import EXTERNAL
from modellab.tasks.protocol import Parsed, Task

#: what a row has of its last response, and what of all its askings together
_OF_THE_LAST = (
    *("key", "error_class", "finish_reason", "batch_size", "peak_memory_bytes"),
    *("dtype", "quantization", "method", "run", "confidence", "thought"),
)
_OF_ALL_ASKINGS = (
    *("prompt_tokens", "completion_tokens", "latency_seconds", "queue_seconds"),
    *("retries", "cost_usd", "thought_tokens", "cached_tokens"),
)
#: the retriever's name in rows of datasets that have no retrieval
NO_RETRIEVER = "none"


@dataclass(frozen=True, kw_only=True)
class PredictionJob(AskingJob):
    """One model on one dataset, on a shard of its questions, or on those with the ids `asked`.

    `contexts` are files by retriever; None where the dataset has no corpus, and rows of one
    retriever named `none`. A model that reads no contexts has rows of one retriever named
    `external`.
    """

    name: str
    dataset: str
    options: ModelOptions
    task: Task
    prompt: Path | None
    questions: Path
    contexts: Mapping[str, Path] | None
    shard: Shard = WHOLE
    asked: Collection[str] | None = None

    def used_prompt(self) -> Path | None:
        return self.prompt if self.options.uses_prompt else None


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
    what = f"predictions of {job.name}{job.shard.suffix()} on {job.dataset}"
    with limited(job, f"models.{job.name}", what, [job.options]):
        driver = Driver(job, what, job.options, job.task.schema)
        prompt = job.used_prompt()
        maker = RequestMaker(driver.keys, job.task, load_prompt(prompt) if prompt else None)
        with driver.asking():
            rows = _ask_all(job, maker, driver)
        model = digest(driver.fingerprint)
        predictions = [_prediction(model, row, driver) for row in rows]
        unanswered = [
            row.error_class or row.status.value for row in predictions if row.status in NO_ANSWER
        ]
        driver.write(out, predictions, unanswered, run, _record(job, predictions))


def _ask_all(job: PredictionJob, maker: RequestMaker, driver: Driver) -> list[Row]:
    """Ask for every row; then, as often as the model's options say, for the blank ones again."""
    rows = _answered(job.task, driver, list(_rows(job, maker)))
    for asked in range(2, 2 + job.options.retry_on_abstain):
        again = {index: _with_more(maker, row, asked) for index, row in enumerate(rows)}
        retried = {index: row for index, row in again.items() if row is not None}
        answered = _answered(job.task, driver, list(retried.values()))
        for index, row in zip(retried, answered, strict=True):
            rows[index] = row
    return rows


def _rows(job: PredictionJob, maker: RequestMaker) -> Iterator[Row]:
    """All rows, in the order of questions, retrievers and repeats."""
    contexts = {name: _by_question(path) for name, path in (job.contexts or {}).items()}
    own = list(contexts) if job.contexts is not None else [NO_RETRIEVER]
    retrievers = own if job.options.uses_contexts else [EXTERNAL]
    for question in job.shard.part(read_rows(job.questions, Question)):
        if job.asked is not None and question.id not in job.asked:
            continue
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


def _answered(task: Task, driver: Driver, rows: Sequence[Row]) -> list[Row]:
    """Rows with responses. A question without text or picture is not put to the model."""
    requests = [row.request for row in rows]
    asked = iter(driver.ask([request for request in requests if _says_something(request)]))
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


def _prediction(model: str, row: Row, driver: Driver) -> Prediction:
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
        seconds_per_answer=known_sum(driver.seconds_of(r) for r in row.responses),
        **measured,
    )


def _record(job: PredictionJob, rows: Sequence[Prediction]) -> dict[str, Any]:
    prompt, statuses = job.used_prompt(), Counter(row.status for row in rows)
    return {
        "name": job.name,
        "dataset": job.dataset,
        "options": job.options.model_dump(mode="json"),
        "prompt": prompt and {"path": str(prompt), "sha256": file_digest(prompt)},
        "retrievers": list(dict.fromkeys(row.retriever for row in rows)),
        "statuses": {status.value: statuses[status] for status in Status},
    }
