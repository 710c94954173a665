"""A model at work: opened when the first answer is missing, each answer journaled at once."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from types import TracebackType
from typing import Any, Self

from modellab.core.errors import InputError
from modellab.core.io.journal import Entry, Journal
from modellab.core.progress import with_progress
from modellab.core.records import Request, Response
from modellab.core.retry_rounds import BROKEN, FOR_ALL_ROWS, PASSING
from modellab.core.secrets import answer_scrubber
from modellab.core.text.escape import storable
from modellab.core.text.thoughts import ThoughtMarks, split_thoughts
from modellab.models.energy import Energy, measured_energy
from modellab.models.other_work import OtherWork
from modellab.models.protocol import KeepsPlace, Model, ModelOptions, Stoppable, WarmsUp

log = logging.getLogger(__name__)


@dataclass
class SessionUsage:
    """What a run took: seconds, answers made and reused, tokens, energy of its GPUs.

    `generate_seconds` is the run's clock (see `wall_clock`) when its last answer was there;
    warming up is not on it.
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
        """With the throughput; a rate is None where nothing was generated."""
        seconds, others = self.generate_seconds, self.other_work
        return {
            **asdict(self),
            "other_work": {**asdict(others), "cores": others.cores},
            "answers_per_second": self.generated / seconds if seconds else None,
            "tokens_per_second": self.generated_tokens / seconds if seconds else None,
        }


class ModelSession:
    """Answers requests from the journal or, where it has no answer, by the model.

    The model is opened at most once (after `on_open` is called) and closed at the end of the
    block, when its energy and its report are known. `run` is the name given to answers made now.
    `has_answered` says that it has answered in this job before; `left_open` holds the keys of
    requests that failed and may go well in a later run.
    """

    def __init__(
        self,
        what: str,
        run: str,
        options: ModelOptions,
        seed: int,
        answer_schema: Mapping[str, Any],
        journal: Journal,
        on_open: Callable[[], None],
        keep_failed: bool = False,
        has_answered: bool = False,
    ) -> None:
        self._what = what
        self._run = run
        self._on_open = on_open
        self._options = options
        self._seed = seed
        self._schema = answer_schema
        self._journal = journal
        self._model: Model | None = None
        self._stack = ExitStack()
        self._keep_failed = keep_failed
        self._has_answered = has_answered
        self._opened = False
        self._wanted: set[str] = set()
        self._answered: set[str] = set()
        self.left_open: set[str] = set()
        self.resource_usage = SessionUsage()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def report(self) -> dict[str, Any]:
        """What the model says of itself; empty if it never had to be opened."""
        return dict(self._model.report()) if self._model else {}

    def answer(self, requests: Sequence[Request]) -> list[Response]:
        """One response per request, in their order; equal requests are asked once.

        Raises InputError where the model cannot be asked at all, or is asked nothing more. With
        `keep_failed` that ends the job only where there is not one answer.
        """
        wanted = {request.key: request for request in requests}
        known = self._journal.responses
        taken = self._journal.take_over(wanted)
        if taken:
            log.info("%d answers were given under another name of the model", taken)
        pending = [request for key, request in wanted.items() if key not in known]
        self.resource_usage.reused += len(wanted) - len(pending)
        log.info("%d answers wanted, %d not in the journal", len(wanted), len(pending))
        fresh = self._generate(pending) if pending else {}
        _check_complete(self._what, pending, fresh)
        responses = [fresh.get(request.key) or known[request.key] for request in requests]
        self._check_asked(list(fresh.values()), responses)
        self.left_open |= {r.key for r in responses if r.error_class in PASSING}
        return self._without_thoughts(responses)

    def _without_thoughts(self, responses: Sequence[Response]) -> list[Response]:
        """The responses with their thoughts separated from their texts.

        Where one text of the model begins within a thought, the prompt has opened it: a text that
        was cut and has no mark at all has then not come to its answer.
        """
        marks = self._options.thought_marks()
        self._opened = self._opened or any(
            split_thoughts(response.text, marks).opened for response in responses if response.text
        )
        return [
            without_thought(r, marks, self._opened and r.finish_reason == "length")
            for r in responses
        ]

    def _check_asked(self, fresh: Sequence[Response], wanted: Sequence[Response]) -> None:
        self._wanted |= {response.key for response in wanted}
        self._answered |= {r.key for r in wanted if r.error_class is None}
        reason = self._asked_in_vain(fresh, wanted)
        if reason is None or (self._keep_failed and self._answered):
            return
        raise InputError(
            f"{reason}; {len(self._answered)} of {len(self._wanted)} answers are there and kept: "
            "put it right and run the same command again"
        )

    def _asked_in_vain(self, fresh: Sequence[Response], wanted: Sequence[Response]) -> str | None:
        """Why the job has failed: nothing more was sent, or no request had a chance."""
        model: object = self._model
        stopped = model.stopped() if isinstance(model, Stoppable) else None
        if fresh and stopped and stopped.for_good:
            return f"{stopped.error_class}: {stopped.text}"
        failed_all = all(response.error_class in FOR_ALL_ROWS for response in fresh)
        # a server may fail at one request only: another answer shows that it works
        works = self._has_answered or self._answered
        broken = not works and all(r.error_class in BROKEN for r in wanted)
        if fresh and (failed_all or broken):
            common, _ = Counter(r.error_class for r in fresh).most_common(1)[0]
            first = next(r for r in fresh if r.error_class == common)
            return f"{common}: {first.error}"
        return None

    def _generate(self, pending: Sequence[Request]) -> dict[str, Response]:
        model = self._open()
        by_key = {request.key: request for request in pending}
        fresh: dict[str, Response] = {}
        clock = _Clock(model, self.resource_usage.generate_seconds)
        with self.resource_usage.other_work.watched():
            for response in with_progress(model.answer(pending), len(pending), self._what):
                request = by_key[response.key]
                self.resource_usage.generate_seconds = now = clock.now()
                response = replace(_writable(response), run=self._run, finished_seconds=now)
                entry = Entry(request.question.id, request.retriever, request.repeat, response)
                self._journal.append(entry)
                fresh[response.key] = response
        self.resource_usage.measured_alone = self._alone()
        self.resource_usage.warm_up_seconds += clock.warm_up_seconds()
        self.resource_usage.generated += len(fresh)
        self.resource_usage.generated_tokens += sum(
            r.completion_tokens or 0 for r in fresh.values()
        )
        return fresh

    def _alone(self) -> bool | None:
        """Whether nothing else ran. What a server on this machine does may be our own request."""
        behind_a_server = not self._options.in_process and self._options.local
        return None if behind_a_server else self.resource_usage.other_work.alone

    def _open(self) -> Model:
        if self._model is None:
            start = time.perf_counter()
            if self._options.local:
                # an API's model runs elsewhere: the idle GPUs of this machine are not its own
                self.resource_usage.energy = self._stack.enter_context(measured_energy())
            self._on_open()
            opened = self._options.open(self._seed, self._schema)
            self._model = self._stack.enter_context(opened)
            if isinstance(self._model, KeepsPlace):
                self._model.keep_in(self._journal.path.with_suffix(".under_way.json"))
            self.resource_usage.load_seconds = time.perf_counter() - start
        return self._model


class _Clock:
    """A run's clock: it goes on from `begun` while a model answers, but for its warming up."""

    def __init__(self, model: Model, begun: float) -> None:
        self._model = model
        self._warmed = _warmed(model)
        self._start = time.perf_counter() - begun

    def now(self) -> float:
        return time.perf_counter() - self._start - self.warm_up_seconds()

    def warm_up_seconds(self) -> float:
        return _warmed(self._model) - self._warmed


def _warmed(model: Model) -> float:
    return model.warm_up_seconds if isinstance(model, WarmsUp) else 0.0


def _check_complete(what: str, pending: Sequence[Request], fresh: Mapping[str, Response]) -> None:
    unanswered = [request for request in pending if request.key not in fresh]
    if unanswered:
        raise RuntimeError(
            f"{what}: the provider gave no response to {len(unanswered)} requests, "
            f"the first for question {unanswered[0].question.id}"
        )


def without_thought(
    response: Response, marks: ThoughtMarks | None = None, opened: bool = False
) -> Response:
    """A response whose text is the answer alone; `raw` keeps the whole text.

    The text is empty where a thought has no end.
    """
    if response.text is None:
        return response
    apart = split_thoughts(response.text, marks, opened)
    if apart.thought is None and response.raw is not None:
        # special tokens that were no known marks when the text was made are only there
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
    """The response with texts that every file can hold, without keys that a server echoes."""

    clean = answer_scrubber()

    def kept(text: str | None) -> str | None:
        return text and clean(storable(text))

    return replace(
        response,
        text=kept(response.text),
        finish_reason=kept(response.finish_reason),
        error=kept(response.error),
        thought=kept(response.thought),
        raw=kept(response.raw),
    )
