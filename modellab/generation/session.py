"""A model session: the model is opened when an answer is missing, and each answer is journaled."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from modellab.core.errors import InputError
from modellab.core.io.journal import Entry, Journal
from modellab.core.progress import with_progress
from modellab.core.records import Request, Response
from modellab.core.retry_rounds import BROKEN, FOR_ALL_ROWS, PASSING
from modellab.core.secrets import answer_scrubber
from modellab.core.text.escape import storable
from modellab.core.text.thoughts import ThoughtMarks, split_thoughts
from modellab.models.metering import Energy, OtherWork, measured_energy
from modellab.models.protocol import KeepsPlace, Model, ModelOptions, Stoppable, WarmsUp

log = logging.getLogger(__name__)

#: characters of a model's name and of a finish reason
_LONGEST_NAME = 200


@dataclass
class SessionUsage:
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


@dataclass
class ModelSession:
    """Answers requests from the journal or, where it has no answer, by the model.

    Attributes:
        what: The name of the job in messages.
        run: The run that new answers belong to.
        on_open: Called with the model's report once it is open, before it answers.
        stack: Closes the model; its energy and its report are known afterwards.
        keep_failed: The job may end with failed rows where the model is stopped.
        has_answered: The model has answered in this job before.
        left_open: Keys of failed requests that may succeed in a later run.
    """

    what: str
    run: str
    options: ModelOptions
    seed: int
    answer_schema: Mapping[str, Any]
    journal: Journal
    on_open: Callable[[Mapping[str, Any]], None]
    stack: ExitStack
    keep_failed: bool = False
    has_answered: bool = False
    left_open: set[str] = field(default_factory=set)
    usage: SessionUsage = field(default_factory=SessionUsage)
    _model: Model | None = None
    _thought_opened: bool = False
    _wanted: set[str] = field(default_factory=set)
    _answered: set[str] = field(default_factory=set)

    def report(self) -> dict[str, Any]:
        """The model's own report; empty if it was not opened."""
        return dict(self._model.report()) if self._model else {}

    def answer(self, requests: Sequence[Request]) -> list[Response]:
        """One response per request, in their order; equal requests are asked once.

        Raises:
            InputError: The model cannot be asked, or asking it was stopped. With `keep_failed` only
                where there is no answer at all.
        """
        wanted = {request.key: request for request in requests}
        known = self.journal.responses
        taken = self.journal.take_over(wanted)
        if taken:
            log.info("%d answers were given under another name of the model", taken)
        pending = [request for key, request in wanted.items() if key not in known]
        self.usage.reused += len(wanted) - len(pending)
        log.info("%d answers wanted, %d not in the journal", len(wanted), len(pending))
        fresh = self._generate(pending) if pending else {}
        responses = [fresh.get(request.key) or known[request.key] for request in requests]
        self._check_failures(list(fresh.values()), responses)
        self.left_open |= {r.key for r in responses if r.error_class in PASSING}
        return self._without_thoughts(responses)

    def _without_thoughts(self, responses: Sequence[Response]) -> list[Response]:
        """The responses with thoughts separated from their texts.

        If any text of the model begins within a thought, the prompt opens the thought: a cut text
        without any mark has then not reached its answer.
        """
        marks = self.options.thought_marks()
        self._thought_opened = self._thought_opened or any(
            split_thoughts(response.text, marks).opened for response in responses if response.text
        )
        return [
            without_thought(r, marks, self._thought_opened and r.finish_reason == "length")
            for r in responses
        ]

    def _check_failures(self, fresh: Sequence[Response], wanted: Sequence[Response]) -> None:
        self._wanted |= {response.key for response in wanted}
        self._answered |= {r.key for r in wanted if r.error_class is None}
        reason = self._failure(fresh, wanted) if fresh else None
        if reason is None or (self.keep_failed and self._answered):
            return
        raise InputError(
            f"{reason}; {len(self._answered)} of {len(self._wanted)} answers are there and kept: "
            "put it right and run the same command again"
        )

    def _failure(self, fresh: Sequence[Response], wanted: Sequence[Response]) -> str | None:
        """Why the job has failed: asking was stopped for good, or no request could succeed."""
        model: object = self._model
        stopped = model.stopped() if isinstance(model, Stoppable) else None
        if stopped and stopped.for_good:
            return f"{stopped.error_class}: {stopped.text}"
        failed_all = all(response.error_class in FOR_ALL_ROWS for response in fresh)
        # one answer shows that the server works, and only fails at some requests
        works = self.has_answered or self._answered
        broken = not works and all(r.error_class in BROKEN for r in wanted)
        if failed_all or broken:
            common, _ = Counter(r.error_class for r in fresh).most_common(1)[0]
            first = next(r for r in fresh if r.error_class == common)
            return f"{common}: {first.error}"
        return None

    def _generate(self, pending: Sequence[Request]) -> dict[str, Response]:
        model, usage = self._open(), self.usage
        by_key = {request.key: request for request in pending}
        fresh: dict[str, Response] = {}
        # the clock of the run stands still while the model warms up
        start, warmed = time.perf_counter() - usage.generate_seconds, _warm_up_seconds(model)
        with usage.other_work.watched():
            for response in with_progress(model.answer(pending), len(pending), self.what):
                warm_up = _warm_up_seconds(model) - warmed
                usage.generate_seconds = now = time.perf_counter() - start - warm_up
                response = replace(_writable(response), run=self.run, finished_seconds=now)
                request = by_key[response.key]
                entry = Entry(request.question.id, request.retriever, request.repeat, response)
                self.journal.append(entry)
                fresh[response.key] = response
        # what a server on this machine does may be our own requests
        behind_a_server = not self.options.in_process and self.options.local
        usage.measured_alone = None if behind_a_server else usage.other_work.alone
        usage.warm_up_seconds += _warm_up_seconds(model) - warmed
        usage.generated += len(fresh)
        usage.generated_tokens += sum(r.completion_tokens or 0 for r in fresh.values())
        missing = [request for request in pending if request.key not in fresh]
        if missing:
            raise RuntimeError(
                f"{self.what}: the provider gave no response to {len(missing)} requests, "
                f"the first for question {missing[0].question.id}"
            )
        return fresh

    def _open(self) -> Model:
        if self._model is None:
            start = time.perf_counter()
            if self.options.local:
                # the model of an API does not use the GPUs of this machine
                self.usage.energy = self.stack.enter_context(measured_energy())
            self._model = self.stack.enter_context(self.options.open(self.seed, self.answer_schema))
            if isinstance(self._model, KeepsPlace):
                self._model.keep_in(self.journal.path.with_suffix(".under_way.json"))
            self.usage.load_seconds = time.perf_counter() - start
            self.on_open(self.report())
        return self._model


def _warm_up_seconds(model: Model) -> float:
    return model.warm_up_seconds if isinstance(model, WarmsUp) else 0.0


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
        # only `raw` has special tokens that were unknown marks when the text was made
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
