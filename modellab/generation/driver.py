"""The driver: how every job asks its model.

Predictions, judgements, query plans, synthetic questions and notebooks make requests and read
replies. What they share is here: GPUs and the time limit (`limited`); journal, retry rounds, model
session, run history and the record of the run (`Driver`).

    with limited(job, "models.qwen", "predictions of qwen on demo", [options]):
        driver = Driver(job, "predictions of qwen on demo", options, schema)
        with driver.asking():
            responses = driver.ask(requests)
        driver.write(out, rows, unanswered, run, record)
"""

import logging
import signal
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from modellab.core.errors import InputError
from modellab.core.fingerprint import digest, file_digest
from modellab.core.io.journal import open_journal
from modellab.core.io.jsonl import write_json, write_rows
from modellab.core.machine import RunHistory, made_on, peak_memory_bytes
from modellab.core.records import Passage, Question, Request, Response
from modellab.core.retry_rounds import PASSING, begin_round, end_round
from modellab.generation.session import ModelSession
from modellab.models.gpu import gpus_wanted, lease
from modellab.models.prompts import Prompt
from modellab.models.protocol import ModelOptions
from modellab.tasks.protocol import Task

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class AskingJob:
    """The settings of every job that asks a model.

    Attributes:
        journal: The file that keeps every answer; the retry round and run history lie beside it.
        seed: None where nothing is random.
        timeout_seconds: None for no limit.
        round: The number of the retry round.
        keep_failed: The job may end with failed rows where the model is stopped.
        slots_per_gpu: The number of such jobs that share a GPU. None leaves GPUs to the caller.
    """

    journal: Path
    seed: int | None
    timeout_seconds: float | None = None
    round: int = 0
    keep_failed: bool = False
    slots_per_gpu: int | None = None


@contextmanager
def limited(job: AskingJob, key: str, what: str, models: Iterable[ModelOptions]) -> Iterator[None]:
    """A block that holds the GPUs of a job's models, and from then on ends in time.

    Enter it before torch is imported, which looks for GPUs only once. `key` is where the config
    sets the limit.

    Raises:
        InputError: The time is up, or there are fewer GPUs than the models need.
    """
    message = (
        f"{key}: stopped after its timeout_minutes of {(job.timeout_seconds or 0) / 60:g}; every "
        f"answer so far is kept in {job.journal}: run the same command again to go on"
    )
    slots = job.slots_per_gpu
    gpus: AbstractContextManager[object] = nullcontext()
    if slots is not None:
        gpus = lease(gpus_needed(models), job=what, slots_per_gpu=slots)
    with gpus, deadline(job.timeout_seconds, message):
        yield


class _TimeIsUp(BaseException):
    """A BaseException, so that handlers of failed requests do not catch it."""


@contextmanager
def deadline(seconds: float | None, message: str) -> Iterator[None]:
    """A time limit: InputError(message) in the block after `seconds`; None: no limit.

    In the main thread only. Native code is interrupted when it returns to Python.
    """
    if seconds is None:
        yield
        return
    passed = False

    def end(_number: int, _frame: FrameType | None) -> None:
        nonlocal passed
        passed = True
        raise _TimeIsUp

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        raise
    except _TimeIsUp:
        raise InputError(message) from None
    except BaseException as error:
        # an interrupted import may raise another error
        if passed:
            raise InputError(message) from error
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def gpus_needed(models: Iterable[ModelOptions]) -> int:
    """The number of GPUs for models that are loaded one after the other."""
    return max(gpus_wanted(model.gpu_need(), model.gpu_optional()) for model in models)


class Driver:
    """One model, asked for one job.

    Attributes:
        fingerprint: Everything but the request that decides an answer.
        keys: Makes the keys of requests.
        left_open: The number of requests that failed and may go well in a later run.
    """

    def __init__(
        self,
        job: AskingJob,
        what: str,
        options: ModelOptions,
        schema: Mapping[str, Any],
        has_answered: bool = False,
    ) -> None:
        """`what` names the job in messages; `schema` is the JSON schema of the answers.

        `has_answered`: the model has answered in this job before, by another driver. If all
        requests fail now, its server is not broken.
        """
        self._start = time.perf_counter()
        self._job, self._what, self._options, self._schema = job, what, options, schema
        self._run = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
        self._history = RunHistory(job.journal.with_suffix(".runs.json"), self._run)
        self._has_answered = has_answered
        self._made_by: dict[str, str | None] = {}
        self._shares: dict[tuple[str, str], float] = {}
        self._usage: dict[str, Any] = {}
        self._session: ModelSession | None = None
        self.fingerprint = dict(options.fingerprint())
        self.keys = RequestKeys(options, self.fingerprint, schema, job.seed)
        self.left_open = 0

    @contextmanager
    def asking(self) -> Iterator[None]:
        """A block in which `ask` works; it opens the journal, and the model once it is needed.

        Raises:
            InputError: The journal is broken, or another run writes to it.
        """
        retries = begin_round(self._job.journal, self._job.round)
        with (
            open_journal(self._job.journal, PASSING if retries else None) as journal,
            ExitStack() as stack,
        ):
            session = ModelSession(
                what=self._what,
                run=self._run,
                options=self._options,
                seed=self._job.seed or 0,
                answer_schema=self._schema,
                journal=journal,
                on_open=self._history.begin,
                stack=stack,
                keep_failed=self._job.keep_failed,
                has_answered=self._has_answered,
            )
            self._session = session
            yield
            self._shares = journal.seconds_per_answer(self._history.names())
        self.left_open = len(session.left_open)
        self._usage = {
            **made_on(),
            "model_report": session.report(),
            **session.usage.as_json(),
            "peak_memory_bytes": peak_memory_bytes(),
            "wall_seconds": time.perf_counter() - self._start,
        }
        self._history.end(self._usage)

    def ask(self, requests: Sequence[Request]) -> list[Response]:
        """One response per request, in their order; those in the journal are not asked again.

        May be called several times within `asking`.

        Raises:
            InputError: The model cannot be loaded, is stopped, or answers nothing at all.
        """
        if not requests:
            return []
        assert self._session is not None, "ask() within asking()"
        responses = self._session.answer(requests)
        self._made_by.update((response.key, response.run) for response in responses)
        return responses

    def seconds_of(self, response: Response) -> float | None:
        """A response's share of its run's wall clock, after `asking`; None if it was not timed."""
        return self._shares.get((response.run or "", response.key))

    def resource_usage(self) -> dict[str, Any]:
        """Time, machine, versions and usage of this run, and the runs that made the answers.

        After `asking`. Plain JSON, with the same keys for all jobs.
        """
        runs = self._history.of(self._made_by.values())
        return {"left_open": self.left_open, **self._usage, "runs": runs}

    def write(
        self,
        out: Path,
        rows: Sequence[Any],
        unanswered: Iterable[str],
        run: Path,
        record: Mapping[str, Any],
    ) -> None:
        """Write the rows to `out` and the record to `run`, and end the retry round.

        `unanswered` has one reason per row without an answer.
        """
        self._warn(len(rows), Counter(unanswered))
        write_rows(out, rows)
        shared = {
            "model_id": self._options.model_id(),
            "fingerprint": self.fingerprint,
            "seed": self._job.seed,
            "rows": len(rows),
        }
        write_json(run, {**record, **shared, **self.resource_usage()})
        self.end()

    def end(self) -> None:
        """End the retry round, once all that depends on the answers is written."""
        end_round(self._job.journal, self._job.round, self.left_open)

    def _warn(self, rows: int, reasons: Counter[str]) -> None:
        if reasons:
            listed = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
            total = reasons.total()
            log.warning("%s: %d of %d rows have no answer (%s)", self._what, total, rows, listed)
        if self.left_open:
            kept = "stay failed (retry_failed: false)"
            outcome = kept if self._job.keep_failed else "are asked again by the next run"
            log.warning("%s: %d rows %s", self._what, self.left_open, outcome)


@dataclass(frozen=True)
class RequestKeys:
    """Makes the keys of one model's requests."""

    options: ModelOptions
    fingerprint: Mapping[str, Any]
    schema: Mapping[str, Any]
    seed: int | None

    def key(self, **request: Any) -> str:
        """Digest of provider, model, decoding, `request`, and of seed and schema where used."""
        return digest(
            {
                "provider": type(self.options).__name__,
                "version": self.options.version,
                "fingerprint": self.fingerprint,
                "seed": self.seed if self.options.samples() else None,
                "schema": self.schema if self.options.constrained() else None,
                **request,
            }
        )


@dataclass(frozen=True)
class RequestMaker:
    """Makes requests by a task's prompt."""

    keys: RequestKeys
    task: Task
    prompt: Prompt | None

    def make(
        self, question: Question, retriever: str, repeat: int, passages: Sequence[Passage]
    ) -> Request:
        """A request with its messages and its key."""
        request = Request("", question, retriever, repeat, tuple(passages), ())
        if self.prompt:
            *before, user = self.prompt.messages(self.task.variables(question, passages))
            messages = (*before, replace(user, images=question.images))
            request = replace(request, messages=messages)
        return replace(request, key=self.keys.key(repeat=repeat, input=self._input(request)))

    def _input(self, request: Request) -> Any:
        """The parts of a request that the model reads."""
        if self.keys.options.uses_prompt:
            # of an image its content counts, not its path
            return [{**asdict(m), "images": _image_digests(m.images)} for m in request.messages]
        question: dict[str, Any] = {
            "text": request.question.text,
            "inputs": dict(request.question.inputs),
        }
        if request.question.images:
            question["images"] = _image_digests(request.question.images)
        if not self.keys.options.uses_contexts:
            return {**question, "id": request.question.id}
        read = [[p.document_id, p.title, p.text] for p in request.passages]
        return {**question, "passages": read}


def _image_digests(paths: Sequence[str]) -> list[str]:
    """Raises InputError for a missing file."""
    missing = next((path for path in paths if not Path(path).is_file()), None)
    if missing:
        raise InputError(f"{missing}: no such picture; a question names it")
    return [file_digest(Path(path)) for path in paths]
