"""From questions and contexts to a model's predictions, written completely or not at all."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from modellab.core.efficiency import known_sum
from modellab.core.fingerprint import digest, file_digest
from modellab.core.io.jsonl import read_rows
from modellab.core.records import (
    EXTERNAL,
    NO_ANSWER,
    NO_RETRIEVER,
    Context,
    Prediction,
    Question,
    Request,
    Response,
    Status,
)
from modellab.generation.asking_job import AskingJob, limited
from modellab.generation.driver import Driver
from modellab.generation.requests import RequestMaker
from modellab.generation.rounds import read_round
from modellab.generation.shards import WHOLE, Shard
from modellab.models.prompts import load_prompt
from modellab.models.protocol import ModelOptions
from modellab.tasks.protocol import Parsed, Task, TaskOptions

#: fields of a row that are those of its last response
_OF_LAST = (
    *("key", "error_class", "finish_reason", "batch_size", "peak_memory_bytes"),
    *("dtype", "quantization", "answered_as", "method", "run", "confidence", "thought"),
)
#: fields of a row that are sums over all its responses
_SUMMED = (
    *("prompt_tokens", "completion_tokens", "latency_seconds", "queue_seconds"),
    *("retries", "cost_usd", "thought_tokens", "cached_tokens"),
)
#: reasons why no answer could be parsed, where the task gives none
CUT_OFF = "the text was cut off at max_new_tokens, before an answer of the expected form"
NOT_OF_THE_FORM = "the text has no answer of the expected form"


@dataclass(frozen=True, kw_only=True)
class PredictionJob(AskingJob):
    """One model on one dataset.

    Attributes:
        model: Its name, or that of a part of its answers: `qwen/2-of-4` is a shard, and
            `qwen/round-3` the questions of a round.
        contexts: Files by retriever; None where the dataset has no corpus, which gives rows with
            the retriever `none`. A model that reads no contexts has rows with `external`.
        plan: The file of the round, for a part that is one.
    """

    model: str
    dataset: str
    options: ModelOptions
    task: TaskOptions
    prompt: Path | None
    questions: Path
    contexts: Mapping[str, Path] | None
    plan: Path | None = None

    @property
    def name(self) -> str:
        """The name of the model, without that of the part."""
        return self.model.partition("/")[0]

    @property
    def shard(self) -> Shard:
        part = self.model.partition("/")[2]
        return Shard.parse(part) if part and self.plan is None else WHOLE

    def used_prompt(self) -> Path | None:
        return self.prompt if self.options.uses_prompt else None


@dataclass(frozen=True)
class Row:
    """An unfinished row; all of its `responses` but the last abstained."""

    request: Request
    context: Context | None
    responses: tuple[Response, ...] = ()
    parsed: Parsed | None = None


def predict(job: PredictionJob, predictions: Path, run: Path) -> None:
    """Write one prediction per question, retriever and repeat, and the record to `run`.

    Raises:
        InputError: The model cannot be loaded, the journal is broken, or time is up.
    """
    what = f"predictions of {job.name}{job.shard.suffix()} on {job.dataset}"
    with limited(job, f"models.{job.name}", what, [job.options]):
        driver = Driver(job, what, job.options, job.task.answer_schema)
        prompt = job.used_prompt()
        maker = RequestMaker(driver.keys, job.task, load_prompt(prompt) if prompt else None)
        with driver.asking():
            rows = _ask_all(job, maker, driver)
        model = digest(driver.fingerprint)
        made = [_prediction(model, row, driver) for row in rows]
        unanswered = [
            (row.error_class or row.status.value, row.error)
            for row in made
            if row.status in NO_ANSWER
        ]
        statuses = Counter(row.status for row in made)
        record = {
            "name": job.name,
            "dataset": job.dataset,
            "options": job.options.model_dump(mode="json"),
            "prompt": prompt and {"path": str(prompt), "sha256": file_digest(prompt)},
            "retrievers": list(dict.fromkeys(row.retriever for row in made)),
            "statuses": {status.value: statuses[status] for status in Status},
        }
        driver.write(predictions, made, unanswered, run, record)


def _ask_all(job: PredictionJob, maker: RequestMaker, driver: Driver) -> list[Row]:
    """Ask for all rows, then `retry_on_abstain` times for those that abstained."""
    rows = _answered(job.task, driver, list(_rows(job, maker)))
    for attempt in range(2, 2 + job.options.retry_on_abstain):
        retries = [(index, _retry(maker, row, attempt)) for index, row in enumerate(rows)]
        due = [(index, row) for index, row in retries if row]
        answered = _answered(job.task, driver, [row for _, row in due])
        for (index, _), row in zip(due, answered, strict=True):
            rows[index] = row
    return rows


def _rows(job: PredictionJob, maker: RequestMaker) -> Iterator[Row]:
    """All rows, in the order of questions, retrievers and repeats."""
    plan = read_round(job.plan) if job.plan else None
    contexts = {
        name: {context.question_id: context for context in read_rows(path, Context)}
        for name, path in (job.contexts or {}).items()
        if plan is None or name in plan.systems[job.name]
    }
    own = list(contexts) if job.contexts is not None else [NO_RETRIEVER]
    retrievers = own if job.options.uses_contexts else [EXTERNAL]
    for question in job.shard.part(read_rows(job.questions, Question)):
        if plan is not None and question.id not in plan.questions:
            continue
        for retriever in retrievers:
            context = contexts[retriever][question.id] if retriever in contexts else None
            passages = context.passages[: context.shown] if context else ()
            for repeat in range(1, job.options.repeats + 1):
                yield Row(maker.make(question, retriever, repeat, passages), context)


def _retry(maker: RequestMaker, row: Row, attempt: int) -> Row | None:
    """An abstention with `attempt` times the passages; None if there is no need, or no more."""
    context, old = row.context, row.request
    abstained = row.parsed is not None and row.parsed.status == Status.ABSTAINED
    if not abstained or context is None or context.shown is None:
        return None
    passages = context.passages[: context.shown * attempt]
    if len(passages) <= len(old.passages):
        return None
    request = maker.make(old.question, old.retriever, old.repeat, passages)
    return Row(request, context, row.responses)


def _answered(task: TaskOptions, driver: Driver, rows: Sequence[Row]) -> list[Row]:
    """Rows with responses. A question without text or image is not sent to the model."""
    requests = [row.request for row in rows if _has_content(row.request)]
    responses = iter(driver.ask(requests))
    answered = []
    for row in rows:
        response = next(responses) if _has_content(row.request) else _not_asked(row.request)
        parsed = _parsed(task.for_question(row.request.question), response)
        answered.append(replace(row, responses=(*row.responses, response), parsed=parsed))
    return answered


def _has_content(request: Request) -> bool:
    return bool(request.question.text.strip() or request.question.images)


def _not_asked(request: Request) -> Response:
    error = "the text is missing, so the model was not asked"
    return Response(request.key, None, error_class=Status.MISSING.value, error=error)


def _parsed(task: Task, response: Response) -> Parsed:
    if response.error_class == Status.MISSING:
        return Parsed(Status.MISSING)
    if response.error_class is not None or response.text is None:
        return Parsed(Status.FAILED)
    if response.thought and not response.text:
        return Parsed(Status.UNPARSED, reason="a thought, and no answer after it")
    parsed = task.parse(response.text)
    if parsed.status != Status.UNPARSED or parsed.reason:
        return parsed
    cut = response.finish_reason == "length"
    return replace(parsed, reason=CUT_OFF if cut else NOT_OF_THE_FORM)


def _prediction(model: str, row: Row, driver: Driver) -> Prediction:
    assert row.parsed is not None
    last = row.responses[-1]
    measured: dict[str, Any] = {name: getattr(last, name) for name in _OF_LAST}
    for name in _SUMMED:
        measured[name] = known_sum(getattr(response, name) for response in row.responses)
    return Prediction(
        question_id=row.request.question.id,
        retriever=row.request.retriever,
        repeat=row.request.repeat,
        status=row.parsed.status,
        answer=row.parsed.answer,
        raw=last.text if last.raw is None else last.raw,
        error=last.error or row.parsed.reason or None,
        model=model,
        asked=len(row.responses),
        passages=tuple(passage.chunk_id for passage in row.request.passages),
        seconds_per_answer=known_sum(driver.seconds_of(r) for r in row.responses),
        **measured,
    )
