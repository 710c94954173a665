"""The driver: one way to ask a model, for everything that has something to ask.

Predictions, judgements, query decompositions, synthetic questions and notebooks make requests and
read replies. What is the same for all is done here: GPUs and the time limit (`limited`); journal,
retry round, model session, history of runs, and the record with its resource usage (`Driver`).

    with limited(job, "models.qwen", "predictions of qwen on demo", [options]):
        driver = Driver(job, "predictions of qwen on demo", options, schema)
        with driver.asking():
            responses = driver.ask(requests)
        driver.write(out, rows, unanswered, run, record)
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from modellab.core.io.journal import open_journal
from modellab.core.io.jsonl import write_json, write_rows
from modellab.core.job_log import deadline
from modellab.core.machine import RunHistory, made_on, peak_memory_bytes
from modellab.core.records import Request, Response
from modellab.core.retry_rounds import PASSING, begin_round, end_round
from modellab.generation.requests import RequestKeys
from modellab.generation.session import ModelSession
from modellab.models.gpu import gpus_wanted, lease
from modellab.models.protocol import ModelOptions

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class AskingJob:
    """The settings of every job that asks a model; subclasses add what they ask.

    Attributes:
        journal: The file that keeps every answer; the retry round and history of runs lie beside.
        seed: None where nothing is drawn at random.
        timeout_seconds: None for no limit.
        round: How often failed rows were asked again before.
        keep_failed: Lets the job end with failed rows where the model is asked nothing more.
        slots_per_gpu: How many such jobs share a GPU. None leaves the GPUs to the caller.
    """

    journal: Path
    seed: int | None
    timeout_seconds: float | None = None
    round: int = 0
    keep_failed: bool = False
    slots_per_gpu: int | None = None


@contextmanager
def limited(job: AskingJob, key: str, what: str, models: Iterable[ModelOptions]) -> Iterator[None]:
    """A block that holds the GPUs of a job's models, and ends in time.

    `key` is the place in the config that sets the limit. Enter it before torch is imported, which
    looks for GPUs only once. Waiting for GPUs does not count. Raises InputError when the time is
    up, and where there are fewer GPUs than the models need.
    """
    message = (
        f"{key}: stopped after its timeout_minutes of {(job.timeout_seconds or 0) / 60:g}; every "
        f"answer so far is kept in {job.journal}: run the same command again to go on"
    )
    with _gpus(job, what, models), deadline(job.timeout_seconds, message):
        yield


def gpus_needed(models: Iterable[ModelOptions]) -> int:
    """The GPUs of models that are loaded one after the other, where this process can have any."""
    return max(gpus_wanted(model.gpu_need(), model.gpu_optional()) for model in models)


def _gpus(
    job: AskingJob, what: str, models: Iterable[ModelOptions]
) -> AbstractContextManager[object]:
    if job.slots_per_gpu is None:
        return nullcontext()
    return lease(gpus_needed(models), job=what, slots_per_gpu=job.slots_per_gpu)


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

        `has_answered` says that the model has answered in this job before, by another driver: a
        server that then fails at all requests is not taken to be broken.
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
        """A block in which `ask` works: the journal is open, and the model once it is needed.

        Raises InputError where the journal is not one, or another run writes it.
        """
        asked_again = begin_round(self._job.journal, self._job.round)
        with open_journal(self._job.journal, PASSING if asked_again else None) as journal:
            session = ModelSession(
                what=self._what,
                run=self._run,
                options=self._options,
                seed=self._job.seed or 0,
                answer_schema=self._schema,
                journal=journal,
                on_open=self._history.begin,
                keep_failed=self._job.keep_failed,
                has_answered=self._has_answered,
            )
            with session:
                self._session = session
                yield
                self._shares = journal.seconds_per_answer(self._history.names())
        self.left_open = len(session.left_open)
        self._usage = {
            **made_on(),
            "model_report": session.report(),
            **session.resource_usage.as_json(),
            "peak_memory_bytes": peak_memory_bytes(),
            "wall_seconds": time.perf_counter() - self._start,
        }
        self._history.end(self._usage)

    def ask(self, requests: Sequence[Request]) -> list[Response]:
        """One response per request, in their order; those of the journal are not asked again.

        May be called again with what follows from earlier responses. Raises InputError where the
        model cannot be loaded, is asked nothing more, or answers nothing at all.
        """
        if not requests:
            return []
        assert self._session is not None, "ask() within asking()"
        responses = self._session.answer(requests)
        self._made_by.update((response.key, response.run) for response in responses)
        return responses

    def seconds_of(self, response: Response) -> float | None:
        """Its share of its run's wall clock, after `asking`; None where it was not timed."""
        return self._shares.get((response.run or "", response.key))

    def resource_usage(self) -> dict[str, Any]:
        """When, where and with what this run worked, and the runs that made the answers.

        After `asking`. Plain JSON, with the same keys for all that ask a model.
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
        """Write the rows to `out` and how they were made to `run`; the round is then at its end.

        `unanswered` has one reason for each row without an answer.
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
        """Note that the round has come to its end: all that was made of the answers is written."""
        end_round(self._job.journal, self._job.round, self.left_open)

    def _warn(self, rows: int, reasons: Counter[str]) -> None:
        """A model that fails at many requests has not failed as a job: somebody must say so."""
        if reasons:
            listed = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
            log.warning(
                "%s: %d of %d rows have no answer (%s)",
                *(self._what, reasons.total(), rows, listed),
            )
        if self.left_open and self._job.keep_failed:
            log.warning("%s: %d rows stay failed (retry_failed: false)", self._what, self.left_open)
        elif self.left_open:
            log.warning("%s: %d rows are asked again by the next run", self._what, self.left_open)
