"""Synthetic questions: made from random chunks, checked, and written with their provenance."""

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modellab.core.errors import InputError
from modellab.core.fingerprint import digest, file_digest
from modellab.core.io.csv_file import write_csv
from modellab.core.io.jsonl import dump_json, read_rows, write_json, write_rows
from modellab.core.records import Chunk, Passage, Question, Response
from modellab.core.text.languages import language_of
from modellab.generation.asking_job import AskingJob, limited
from modellab.generation.driver import Driver
from modellab.generation.requests import RequestMaker
from modellab.generation.synthesis.drafts import (
    Draft,
    Drafting,
    DraftSource,
    choose_sources,
    question_rows,
    read_draft,
)
from modellab.generation.synthesis.filters import (
    RejectionReason,
    check_reason,
    checks_of,
    duplicates,
    text_reason,
)
from modellab.generation.synthesis.options import (
    ANSWER_PROMPT,
    SUPPORT_PROMPT,
    QuestionKind,
    SynthesisOptions,
)
from modellab.models.prompts import load_prompt
from modellab.models.protocol import ModelOptions
from modellab.tasks.open_qa.task import OpenQaOptions
from modellab.tasks.protocol import Task

log = logging.getLogger(__name__)

QUESTIONS, REJECTIONS, YIELD, RUN = "questions.jsonl", "rejections.jsonl", "yield.csv", "run.json"
YIELD_COLUMNS = ("kind", "outcome", "questions", "share")


@dataclass(frozen=True, kw_only=True)
class SynthesisJob(AskingJob):
    """One entry of `synthesize:`.

    Attributes:
        models: By name; the first makes questions, the others check them.
        prompts: Files by kind of question, and those of the checkers.
        journal: A folder with a file per model.
    """

    synthesis: str
    options: SynthesisOptions
    models: Mapping[str, ModelOptions]
    chunks: Path
    prompts: Mapping[str, Path]
    seed: int


@dataclass(frozen=True)
class Wanted:
    """A request: the name of the prompt, the question, its passages, the attempt (from 1)."""

    prompt: str
    question: Question
    passages: tuple[Passage, ...]
    attempt: int = 1


class AskedModel:
    """A model that is loaded each time it is asked and freed afterwards; `prompts` are files."""

    def __init__(
        self,
        name: str,
        options: ModelOptions,
        task: Task,
        prompts: Mapping[str, Path],
        job: AskingJob,
    ) -> None:
        self.name = name
        self._options, self._task, self._job = options, task, job
        self._fingerprint = dict(options.fingerprint())
        self._prompts = {prompt: load_prompt(path) for prompt, path in prompts.items()}
        self._digests = {prompt: file_digest(path) for prompt, path in prompts.items()}
        self._rounds: list[dict[str, Any]] = []
        self._has_answered = False

    def ask(self, wanted: Sequence[Wanted]) -> list[Response]:
        """One response each, in order; failures are responses with an error."""
        if not wanted:
            return []
        what = f"synthesis with {self.name}"
        driver = Driver(
            self._job, what, self._options, self._task.answer_schema, self._has_answered
        )
        makers = {
            name: RequestMaker(driver.keys, self._task, prompt)
            for name, prompt in self._prompts.items()
        }
        requests = [
            makers[one.prompt].make(one.question, "synthesis", one.attempt, one.passages)
            for one in wanted
        ]
        with driver.asking():
            responses = driver.ask(requests)
        driver.end()
        self._has_answered |= any(response.error_class is None for response in responses)
        self._rounds.append(driver.resource_usage())
        return responses

    def receipt(self, prompt: str) -> dict[str, str]:
        """The model and its prompt, for the provenance of a question."""
        return {
            "name": self.name,
            "id": self._options.model_id(),
            "fingerprint": digest(self._fingerprint),
            "prompt": self._digests[prompt],
        }

    def record(self) -> dict[str, Any]:
        return {
            "model_id": self._options.model_id(),
            "fingerprint": self._fingerprint,
            "prompts": self._digests,
            "rounds": self._rounds,
        }


@dataclass(frozen=True)
class Rejection:
    """A refused question; `question` is empty where none was readable."""

    source: DraftSource
    attempt: int
    reason: RejectionReason
    question: str = ""
    answer: str = ""
    detail: str = ""


@dataclass
class Progress:
    """The questions of one source so far."""

    source: DraftSource
    language: str
    kept: list[Draft] = field(default_factory=list)
    refused: list[Rejection] = field(default_factory=list)

    def refuse(self, attempt: int, reason: RejectionReason, **more: str) -> None:
        self.refused.append(Rejection(self.source, attempt, reason, **more))


#: drafts with the progress of their sources
_Drafts = Sequence[tuple[Progress, Draft]]


def synthesize(job: SynthesisJob, folder: Path) -> None:
    """Write questions, rejections, the yield and the run's record into the folder.

    Raises:
        InputError: No chunk is long enough, no question is left, or time is up.
    """
    options = job.options
    what = f"synthesis of {job.synthesis}"
    with limited(job, f"synthesize.{job.synthesis}", what, job.models.values()):
        chunks = read_rows(job.chunks, Chunk)
        sources = choose_sources(chunks, options.kinds, options.chunks, options.min_words, job.seed)
        if not sources:
            raise InputError(
                f"{job.chunks}: no chunk has {options.min_words} words (key min_words)"
            )
        maker, *checkers = _asked_models(job)
        given = None if options.language == "auto" else options.language
        states = [
            Progress(source, given or language_of(" ".join(c.text for c in source.chunks)))
            for source in sources
        ]
        for attempt in range(1, options.attempts + 1):
            _attempt(options, states, maker, checkers, attempt)
        _write(job, folder, states, maker, checkers)


def _answering(options: SynthesisOptions) -> OpenQaOptions:
    return OpenQaOptions(kind="open_qa", no_answer=options.no_answer)


def _asked_models(job: SynthesisJob) -> list[AskedModel]:
    kinds = {kind.value: job.prompts[kind.value] for kind in job.options.kinds}
    checks = {name: job.prompts[name] for name in job.options.checks()}
    return [
        AskedModel(
            name,
            options,
            _answering(job.options) if number else Drafting(),
            checks if number else kinds,
            AskingJob(journal=job.journal / f"{name}.jsonl", seed=job.seed),
        )
        for number, (name, options) in enumerate(job.models.items())
    ]


def _attempt(
    options: SynthesisOptions,
    states: Sequence[Progress],
    maker: AskedModel,
    checkers: Sequence[AskedModel],
    attempt: int,
) -> None:
    """Ask for the missing questions once more, and filter them."""
    short = [state for state in states if _is_short(options, state, attempt)]
    responses = maker.ask([_wanted(options, state, attempt) for state in short])
    drafts = [
        (state, draft)
        for state, response in zip(short, responses, strict=True)
        for draft in _drafts(state, response, attempt, options.per_chunk - len(state.kept))
    ]
    left = _passed(drafts, [text_reason(draft, state.language) for state, draft in drafts])
    for checker in checkers:
        left = _passed(left, _check(options, checker, left))
    kept = [draft for state in states for draft in state.kept]
    repeated = duplicates(kept, [draft for _, draft in left])
    for state, draft in _passed(left, [repeated.get(row) for row in range(len(left))]):
        state.kept.append(draft)
    log.info("attempt %d: %d drafts, %d kept in all", attempt, len(drafts), _kept(states))


def _is_short(options: SynthesisOptions, state: Progress, attempt: int) -> bool:
    if state.source.kind.several_chunks and len(state.source.chunks) < 2:
        if attempt == 1:
            state.refuse(attempt, RejectionReason.NO_SECOND_CHUNK)
        return False
    return len(state.kept) < options.per_chunk


def _wanted(options: SynthesisOptions, state: Progress, attempt: int) -> Wanted:
    source = state.source
    refused = [
        {"question": r.question, "reason": r.reason.value.replace("_", " ")}
        for r in state.refused
        if r.question and r.reason not in (RejectionReason.SURPLUS, RejectionReason.CHECK_FAILED)
    ]
    kept = [{"question": draft.question, "reason": "there already"} for draft in state.kept]
    given = {
        "number": str(options.per_chunk - len(state.kept)),
        "language": "" if options.language == "auto" else options.language,
        "refused": json.dumps(kept + refused, ensure_ascii=False),
    }
    question = Question(source.id, "", given, {}, ())
    return Wanted(source.kind.value, question, source.passages(), attempt)


def _drafts(state: Progress, response: Response, attempt: int, missing: int) -> Iterator[Draft]:
    """The drafts in a reply; unreadable ones and those beyond `missing` are refused."""
    if response.error_class is not None or response.text is None:
        detail = f"{response.error_class}: {response.error}"
        state.refuse(attempt, RejectionReason.MODEL_FAILED, detail=detail)
        return
    rows = question_rows(response.text)
    if not rows:
        state.refuse(attempt, RejectionReason.MALFORMED, detail=response.text)
        return
    for number, row in enumerate(rows, start=1):
        draft = read_draft(state.source, attempt, response.key, row)
        if draft is None:
            state.refuse(attempt, RejectionReason.MALFORMED, detail=dump_json(row))
        elif number > missing:
            state.refuse(attempt, RejectionReason.SURPLUS, question=draft.question)
        else:
            yield draft


def _check(
    options: SynthesisOptions, checker: AskedModel, drafts: _Drafts
) -> list[RejectionReason | None]:
    """A checker's reasons against the drafts, the first of each."""
    task = _answering(options)
    checks = [checks_of(draft) for _, draft in drafts]
    wanted = [Wanted(c.prompt, c.question(), c.passages) for own in checks for c in own]
    responses = iter(checker.ask(wanted))
    found = []
    for own in checks:
        reasons = [check_reason(check, next(responses), task, options.agreement) for check in own]
        found.append(next((reason for reason in reasons if reason), None))
    return found


def _passed(
    drafts: _Drafts, reasons: Sequence[RejectionReason | None]
) -> list[tuple[Progress, Draft]]:
    """The drafts without a reason against them; the others are refused."""
    left = []
    for (state, draft), reason in zip(drafts, reasons, strict=True):
        if reason is None:
            left.append((state, draft))
        else:
            state.refuse(draft.attempt, reason, question=draft.question, answer=draft.answer)
    return left


def _kept(states: Sequence[Progress]) -> int:
    return sum(len(state.kept) for state in states)


def _write(
    job: SynthesisJob,
    folder: Path,
    states: Sequence[Progress],
    maker: AskedModel,
    checkers: Sequence[AskedModel],
) -> None:
    refused = [rejection for state in states for rejection in state.refused]
    counts = Counter(rejection.reason.value for rejection in refused)
    listed = ", ".join(f"{count} {reason}" for reason, count in counts.most_common())
    if not _kept(states):
        detail = next((f"; the first: {r.detail[:200]}" for r in refused if r.detail), "")
        raise InputError(f"no question is left of {len(states)} sources ({listed}{detail})")
    folder.mkdir(parents=True, exist_ok=True)
    kept = [draft for state in states for draft in state.kept]
    rows = [_question_row(job.options, draft, maker, checkers) for draft in kept]
    write_rows(folder / QUESTIONS, rows)
    write_rows(folder / REJECTIONS, map(_rejection_row, refused))
    write_csv(folder / YIELD, YIELD_COLUMNS, yield_rows(job.options.kinds, states))
    models = {model.name: model.record() for model in (maker, *checkers)}
    write_json(folder / RUN, {"seed": job.seed, "sources": len(states), "models": models})
    log.info("%d questions kept; refused: %s", len(rows), listed or "none")


def _question_row(
    options: SynthesisOptions, draft: Draft, maker: AskedModel, checkers: Sequence[AskedModel]
) -> dict[str, Any]:
    """A row of the format `jsonl`, with its provenance as `receipts`."""
    source = draft.source
    answerable = source.kind != QuestionKind.UNANSWERABLE
    name = hashlib.sha256(f"{source.id}\n{draft.question}".encode()).hexdigest()[:12]
    check = SUPPORT_PROMPT if source.kind.abstract else ANSWER_PROMPT
    return {
        "id": f"syn-{name}",
        "question": draft.question,
        "answer": draft.answer if answerable else options.no_answer,
        "relevant_chunks": [chunk.id for chunk in source.chunks] if answerable else [],
        "groups": [source.kind.value],
        "unanswerable": not answerable,
        "receipts": {
            "kind": source.kind.value,
            "chunks": [{"id": chunk.id, "text": chunk.text} for chunk in source.chunks],
            "evidence": list(draft.evidence),
            "attempt": draft.attempt,
            "request": draft.key,
            "model": maker.receipt(source.kind.value),
            "checkers": [checker.receipt(check) for checker in checkers],
        },
    }


def _rejection_row(rejection: Rejection) -> dict[str, Any]:
    return {
        "kind": rejection.source.kind.value,
        "chunks": [chunk.id for chunk in rejection.source.chunks],
        "attempt": rejection.attempt,
        "reason": rejection.reason.value,
        "question": rejection.question,
        "answer": rejection.answer,
        "detail": rejection.detail,
    }


def yield_rows(
    kinds: Sequence[QuestionKind], states: Sequence[Progress]
) -> list[dict[str, object]]:
    """Per kind the number of sources, of questions kept, and of those refused by reason.

    Shares are of all questions kept and refused.
    """
    rows: list[dict[str, object]] = []
    for kind in kinds:
        own = [state for state in states if state.source.kind == kind]
        counts = Counter(r.reason.value for state in own for r in state.refused)
        total = _kept(own) + counts.total()
        found = [("kept", _kept(own)), *((r.value, counts[r.value]) for r in RejectionReason)]
        rows.append({"kind": kind.value, "outcome": "sources", "questions": len(own)})
        rows += [
            {"kind": kind.value, "outcome": outcome, "questions": n, "share": n / total}
            for outcome, n in found
            if n or outcome == "kept"
            if total
        ]
    return rows
