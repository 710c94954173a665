"""The driver: how every job asks its model.

Predictions, judgements, query plans, synthetic questions and notebooks make requests and read
replies. What they share is here: journal, retry rounds, the open model, run history and the record
of the run.

    with limited(job, "models.qwen", "predictions of qwen on demo", [options]):
        driver = Driver(job, "predictions of qwen on demo", options, schema)
        with driver.asking():
            responses = driver.ask(requests)
        driver.write(out, rows, unanswered, run, record)
"""

import logging
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from modellab.core.errors import InputError
from modellab.core.io.journal import JournalEntry, open_journal
from modellab.core.io.jsonl import write_json, write_rows
from modellab.core.machine import RunHistory, made_on, peak_memory_bytes
from modellab.core.progress import with_progress
from modellab.core.records import Request, Response
from modellab.core.retry_rounds import AFFECTS_ALL_ROWS, BROKEN, TRANSIENT, begin_round, end_round
from modellab.core.secrets import answer_scrubber
from modellab.core.text.escape import storable
from modellab.core.text.thoughts import ThoughtMarks, split_thoughts
from modellab.generation.asking_job import AskingJob
from modellab.generation.requests import RequestKeys
from modellab.models.metering import Energy, OtherWork, measured_energy
from modellab.models.protocol import Model, ModelOptions

log = logging.getLogger(__name__)

#: characters of a model's name, of a finish reason, and of an error in a warning
_LONGEST_NAME = 200


@dataclass
class RunUsage:
    """Resource usage of a run: seconds, answers made and reused, tokens, energy of its GPUs.

    `generate_seconds` is the run's wall clock (see `wall_clock`) at its last answer, without
    warm-up.
    """

    load_seconds: float = 0.0
    warm_up_seconds: float = 0.0
    generate_seconds: float = 0.0
    generated: int = 0
    reused: int = 0
    generated_tokens: int = 0
    energy: Energy = field(default_factory=Energy)
    other_work: OtherWork = field(default_factory=OtherWork)
    measured_alone: bool | None = None

    def as_json(self) -> dict[str, Any]:
        """With the throughput, which is None where nothing was generated."""
        seconds, others = self.generate_seconds, self.other_work
        return {
            **asdict(self),
            "other_work": {**asdict(others), "cores": others.cores},
            "answers_per_second": self.generated / seconds if seconds else None,
            "tokens_per_second": self.generated_tokens / seconds if seconds else None,
        }


class Driver:
    """One model, asked for one job: answers come from the journal, or else from the model.

    Attributes:
        fingerprint: Everything but the request that decides an answer.
        keys: Makes the keys of requests.
        left_open: Keys of failed requests that may succeed in a later run.
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
        self._usage = RunUsage()
        self._model: Model | None = None
        self._thought_opened = False
        self._wanted: set[str] = set()
        self._answered: set[str] = set()
        self._made_by: dict[str, str | None] = {}
        self._shares: dict[tuple[str, str], float] = {}
        self._record: dict[str, Any] = {}
        self.fingerprint = dict(options.fingerprint())
        self.keys = RequestKeys(options, self.fingerprint, schema, job.seed)
        self.left_open: set[str] = set()

    @contextmanager
    def asking(self) -> Iterator[None]:
        """A block in which `ask` works; it opens the journal, and the model once it is needed.

        Raises:
            InputError: The journal is broken, or another run writes to it.
        """
        retries = begin_round(self._job.journal, self._job.round)
        with (
            open_journal(self._job.journal, TRANSIENT if retries else None) as self._journal,
            ExitStack() as self._stack,
        ):
            yield
            self._shares = self._journal.seconds_per_answer(self._history.names())
        # energy and the model's report are known once it is closed
        self._record = {
            **made_on(),
            "model_report": dict(self._model.report()) if self._model else {},
            **self._usage.as_json(),
            "peak_memory_bytes": peak_memory_bytes(),
            "wall_seconds": time.perf_counter() - self._start,
        }
        self._history.end(self._record)

    def ask(self, requests: Sequence[Request]) -> list[Response]:
        """One response per request, in their order; those in the journal are not asked again.

        Equal requests are asked once. May be called several times within `asking`.

        Raises:
            InputError: The model cannot be asked, or asking it was stopped; with `keep_failed` only
                where there is no answer at all.
        """
        if not requests:
            return []
        wanted = {request.key: request for request in requests}
        known = self._journal.responses
        taken = self._journal.take_over(wanted)
        if taken:
            log.info("%d answers were given under another name of the model", taken)
        pending = [request for key, request in wanted.items() if key not in known]
        self._usage.reused += len(wanted) - len(pending)
        log.info("%d answers wanted, %d not in the journal", len(wanted), len(pending))
        fresh = self._generate(pending) if pending else {}
        responses = [fresh.get(request.key) or known[request.key] for request in requests]
        self._check_failures(list(fresh.values()), responses)
        self.left_open |= {r.key for r in responses if r.error_class in TRANSIENT}
        self._made_by.update((response.key, response.run) for response in responses)
        return self._without_thoughts(responses)

    def seconds_of(self, response: Response) -> float | None:
        """A response's share of its run's wall clock, after `asking`; None if it was not timed."""
        return self._shares.get((response.run or "", response.key))

    def resource_usage(self) -> dict[str, Any]:
        """Time, machine, versions and usage of this run, and the runs that made the answers.

        After `asking`. Plain JSON, with the same keys for all jobs.
        """
        runs = self._history.of(self._made_by.values())
        return {"left_open": len(self.left_open), **self._record, "runs": runs}

    def write(
        self,
        out: Path,
        rows: Sequence[Any],
        unanswered: Sequence[tuple[str, str | None]],
        run: Path,
        record: Mapping[str, Any],
    ) -> None:
        """Write the rows to `out` and the record to `run`, and end the retry round.

        `unanswered` has the class of the error, and its text, per row without an answer.
        """
        if unanswered:
            reasons = Counter(reason for reason, _ in unanswered).most_common()
            listed = ", ".join(f"{count} {reason}" for reason, count in reasons)
            texts = Counter(text for _, text in unanswered if text).most_common(1)
            common = f"; most often: {texts[0][0][:_LONGEST_NAME]}" if texts else ""
            log.warning(
                "%s: %d of %d rows have no answer (%s)%s",
                *(self._what, len(unanswered), len(rows), listed, common),
            )
        if self.left_open:
            kept = "stay failed (retry_failed: false)"
            outcome = kept if self._job.keep_failed else "are asked again by the next run"
            log.warning("%s: %d rows %s", self._what, len(self.left_open), outcome)
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
        end_round(self._job.journal, self._job.round, len(self.left_open))

    def _generate(self, pending: Sequence[Request]) -> dict[str, Response]:
        model, usage = self._opened(), self._usage
        by_key = {request.key: request for request in pending}
        fresh: dict[str, Response] = {}
        # warm-up does not count on the clock of the run
        start, warmed = time.perf_counter() - usage.generate_seconds, model.warm_up_seconds
        with usage.other_work.watched():
            for response in with_progress(model.answer(pending), len(pending), self._what):
                warm_up = model.warm_up_seconds - warmed
                usage.generate_seconds = now = time.perf_counter() - start - warm_up
                response = replace(_writable(response), run=self._run, finished_seconds=now)
                request = by_key[response.key]
                entry = JournalEntry(
                    request.question.id, request.retriever, request.repeat, response
                )
                self._journal.append(entry)
                fresh[response.key] = response
        # the load of a local server may be due to our own requests
        behind_a_server = not self._options.in_process and self._options.local
        usage.measured_alone = None if behind_a_server else usage.other_work.alone
        usage.warm_up_seconds += model.warm_up_seconds - warmed
        usage.generated += len(fresh)
        usage.generated_tokens += sum(r.completion_tokens or 0 for r in fresh.values())
        missing = [request for request in pending if request.key not in fresh]
        if missing:
            raise RuntimeError(
                f"{self._what}: the provider gave no response to {len(missing)} requests, "
                f"the first for question {missing[0].question.id}"
            )
        return fresh

    def _opened(self) -> Model:
        """The model, opened when the first answer is missing."""
        if self._model is None:
            start = time.perf_counter()
            if self._options.local:
                # the model of an API does not use the GPUs of this machine
                self._usage.energy = self._stack.enter_context(measured_energy())
            opening = self._options.open(self._job.seed or 0, self._schema)
            self._model = self._stack.enter_context(opening)
            self._model.keep_in(self._job.journal.with_suffix(".under_way.json"))
            self._usage.load_seconds = time.perf_counter() - start
            self._history.begin(dict(self._model.report()))
        return self._model

    def _check_failures(self, fresh: Sequence[Response], wanted: Sequence[Response]) -> None:
        self._wanted |= {response.key for response in wanted}
        self._answered |= {r.key for r in wanted if r.error_class is None}
        reason = self._failure(fresh, wanted) if fresh else None
        if reason is None or (self._job.keep_failed and self._answered):
            return
        raise InputError(
            f"{reason}; {len(self._answered)} of {len(self._wanted)} answers exist and are kept: "
            "fix this and run the same command again"
        )

    def _failure(self, fresh: Sequence[Response], wanted: Sequence[Response]) -> str | None:
        """Why the job has failed: asking was stopped for good, or no request could succeed."""
        stopped = self._model.stopped() if self._model else None
        if stopped and stopped.for_good:
            return f"{stopped.error_class}: {stopped.text}"
        failed_all = all(response.error_class in AFFECTS_ALL_ROWS for response in fresh)
        # after one answer the server works, and fails only for some requests
        works = self._has_answered or self._answered
        broken = not works and all(r.error_class in BROKEN for r in wanted)
        if failed_all or broken:
            common, _ = Counter(r.error_class for r in fresh).most_common(1)[0]
            first = next(r for r in fresh if r.error_class == common)
            return f"{common}: {first.error}"
        return None

    def _without_thoughts(self, responses: Sequence[Response]) -> list[Response]:
        """The responses with thoughts separated from their texts.

        If any text of the model begins within a thought, the prompt opens the thought: a cut text
        without any mark has then not reached its answer.
        """
        marks = self._options.thought_marks()
        self._thought_opened = self._thought_opened or any(
            split_thoughts(response.text, marks).opened for response in responses if response.text
        )
        return [
            without_thought(r, marks, self._thought_opened and r.finish_reason == "length")
            for r in responses
        ]


def without_thought(
    response: Response, marks: ThoughtMarks | None = None, opened: bool = False
) -> Response:
    """A response with only the answer as `text`, empty where a thought has no end.

    `raw` keeps the whole text.
    """
    if response.text is None:
        return response
    apart = split_thoughts(response.text, marks, opened)
    if apart.thought is None and response.raw is not None:
        # marks that are special tokens are only in `raw`
        whole = split_thoughts(response.raw, marks, opened)
        apart = apart if whole.thought is None else whole
    if apart.answer == response.text and apart.thought is None:
        return response
    thoughts = [part for part in (response.thought, apart.thought) if part]
    return replace(
        response,
        text=apart.answer,
        thought="\n".join(thoughts) or None,
        raw=response.text if response.raw is None else response.raw,
    )


def _writable(response: Response) -> Response:
    """The response with texts that every file can hold, and without keys that a server echoes.

    Names are cut: a server may send anything.
    """
    clean = answer_scrubber()
    names = ("text", "finish_reason", "error", "thought", "raw", "answered_as")
    changed: dict[str, Any] = {
        name: clean(storable(text)) for name in names if (text := getattr(response, name))
    }
    for name in changed.keys() & {"finish_reason", "answered_as"}:
        changed[name] = changed[name][:_LONGEST_NAME]
    return replace(response, **changed)
