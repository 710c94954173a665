"""Synthetic questions: chunks are drawn, questions made, checked, and written with receipts."""

from __future__ import annotations

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modellab.core.errors import InputError
from modellab.core.io.atomic import atomic_file
from modellab.core.io.csv_file import write_csv
from modellab.core.io.jsonl import dump_json, read_rows, write_json
from modellab.core.records import Chunk, Question, Response
from modellab.core.text.languages import language_of
from modellab.generation.driver import AskingJob, limited
from modellab.generation.synthesis.checking import checks_of, reason_of
from modellab.generation.synthesis.drafts import Draft, Drafting, question_rows, read_draft
from modellab.generation.synthesis.filters import Reason, doubles, text_reason
from modellab.generation.synthesis.models import AskedModel, Wanted
from modellab.generation.synthesis.options import (
    ANSWER_PROMPT,
    SUPPORT_PROMPT,
    Kind,
    SynthesisOptions,
)
from modellab.generation.synthesis.sources import Source, choose_sources
from modellab.models.protocol import ModelOptions
from modellab.tasks.open_qa.task import OpenQa

log = logging.getLogger(__name__)

QUESTIONS, REJECTIONS, YIELD, RUN = "questions.jsonl", "rejections.jsonl", "yield.csv", "run.json"
YIELD_COLUMNS = ("kind", "outcome", "questions", "share")


@dataclass(frozen=True, kw_only=True)
class SynthesisJob(AskingJob):
    """One entry of `synthesize:`. `models` by name, the one that makes questions first.

    `prompts` are files by kind, and those for checkers; `journal` is a folder with a file for
    each model.
    """

    name: str
    options: SynthesisOptions
    models: Mapping[str, ModelOptions]
    chunks: Path
    prompts: Mapping[str, Path]
    seed: int


@dataclass(frozen=True)
class Rejection:
    """A question that was refused; `question` is empty where none could be read."""

    source: Source
    attempt: int
    reason: Reason
    question: str = ""
    answer: str = ""
    detail: str = ""


@dataclass
class Progress:
    """What one source has come to so far."""

    source: Source
    language: str
    kept: list[Draft] = field(default_factory=list)
    refused: list[Rejection] = field(default_factory=list)


def synthesize(job: SynthesisJob, out: Path) -> None:
    """Write questions, rejections, the yield and the run's record into the folder `out`.

    Raises InputError where no chunk is long enough, where no question is left, and when the time
    is up.
    """
    what = f"synthesis of {job.name}"
    with limited(job, f"synthesize.{job.name}", what, job.models.values()):
        _synthesize(job, out)


def _synthesize(job: SynthesisJob, out: Path) -> None:
    options = job.options
    chunks = read_rows(job.chunks, Chunk)
    sources = choose_sources(chunks, options.kinds, options.chunks, options.min_words, job.seed)
    if not sources:
        raise InputError(f"{job.chunks}: no chunk has {options.min_words} words (key min_words)")
    maker, *checkers = _asked_models(job)
    states = [Progress(source, _language(options, source)) for source in sources]
    for attempt in range(1, options.attempts + 1):
        _round(options, states, maker, checkers, attempt)
    _write(job, out, states, maker, checkers)


def _asked_models(job: SynthesisJob) -> list[AskedModel]:
    kinds = {kind.value: job.prompts[kind.value] for kind in job.options.kinds}
    checks = {name: job.prompts[name] for name in job.options.checks()}
    return [
        AskedModel(
            name,
            options,
            OpenQa(job.options.no_answer) if number else Drafting(),
            checks if number else kinds,
            AskingJob(journal=job.journal / f"{name}.jsonl", seed=job.seed),
        )
        for number, (name, options) in enumerate(job.models.items())
    ]


def _language(options: SynthesisOptions, source: Source) -> str:
    if options.language != "auto":
        return options.language
    return language_of(" ".join(chunk.text for chunk in source.chunks))


def _round(
    options: SynthesisOptions,
    states: Sequence[Progress],
    maker: AskedModel,
    checkers: Sequence[AskedModel],
    attempt: int,
) -> None:
    """Ask once more for what is missing, and sort what comes."""
    short = [state for state in states if _is_short(options, state, attempt)]
    wanted = [_wanted(options, state, attempt) for state in short]
    drafts: list[tuple[Progress, Draft]] = []
    for state, response in zip(short, maker.ask(wanted), strict=True):
        missing = options.per_chunk - len(state.kept)
        drafts += [(state, draft) for draft in _drafts(state, response, attempt, missing)]
    left = _without(drafts, {n: text_reason(d, s.language) for n, (s, d) in enumerate(drafts)})
    for checker in checkers:
        left = _without(left, _checked(options, checker, [draft for _, draft in left]))
    kept = [draft for state in states for draft in state.kept]
    for state, draft in _without(left, dict(doubles(kept, [draft for _, draft in left]))):
        state.kept.append(draft)
    log.info("attempt %d: %d drafts, %d kept in all", attempt, len(drafts), _kept(states))


def _is_short(options: SynthesisOptions, state: Progress, attempt: int) -> bool:
    if state.source.kind.several_chunks and len(state.source.chunks) < 2:
        if attempt == 1:
            state.refused.append(Rejection(state.source, attempt, Reason.NO_SECOND_CHUNK))
        return False
    return len(state.kept) < options.per_chunk


def _wanted(options: SynthesisOptions, state: Progress, attempt: int) -> Wanted:
    source = state.source
    refused = [
        {"question": r.question, "reason": r.reason.value.replace("_", " ")}
        for r in state.refused
        if r.question and r.reason not in (Reason.SURPLUS, Reason.CHECK_FAILED)
    ]
    kept = [{"question": draft.question, "reason": "there already"} for draft in state.kept]
    given = {
        "number": str(options.per_chunk - len(state.kept)),
        "language": "" if options.language == "auto" else options.language,
        "refused": json.dumps(kept + refused, ensure_ascii=False),
    }
    question = Question(source.id, "", given, {}, ())
    return Wanted(source.kind.value, question, source.passages(), attempt)


def _drafts(state: Progress, response: Response, attempt: int, missing: int) -> Iterable[Draft]:
    """What can be read of a reply; what cannot is refused."""

    def refuse(reason: Reason, detail: str = "", question: str = "") -> None:
        state.refused.append(
            Rejection(state.source, attempt, reason, question=question, detail=detail)
        )

    if response.error_class is not None or response.text is None:
        refuse(Reason.MODEL_FAILED, f"{response.error_class}: {response.error}")
        return
    rows = question_rows(response.text)
    if not rows:
        refuse(Reason.MALFORMED, response.text)
        return
    for number, row in enumerate(rows, start=1):
        draft = read_draft(state.source, attempt, response.key, row)
        if draft is None:
            refuse(Reason.MALFORMED, dump_json(row))
        elif number > missing:
            refuse(Reason.SURPLUS, question=draft.question)
        else:
            yield draft


def _checked(
    options: SynthesisOptions, checker: AskedModel, drafts: Sequence[Draft]
) -> dict[int, Reason | None]:
    """By row: what a checker has against a draft."""
    task = OpenQa(options.no_answer)
    checks = [checks_of(draft) for draft in drafts]
    wanted = [Wanted(c.prompt, c.question(), c.passages, 1) for own in checks for c in own]
    responses = iter(checker.ask(wanted))
    return {
        row: reason_of(own, [next(responses) for _ in own], task, options.agreement)
        for row, own in enumerate(checks)
    }


def _without(
    drafts: Sequence[tuple[Progress, Draft]], reasons: Mapping[int, Reason | None]
) -> list[tuple[Progress, Draft]]:
    """The drafts that nothing is said against; the others are written down as refused."""
    left = []
    for row, (state, draft) in enumerate(drafts):
        reason = reasons.get(row)
        if reason is None:
            left.append((state, draft))
            continue
        state.refused.append(
            Rejection(draft.source, draft.attempt, reason, draft.question, draft.answer)
        )
    return left


def _kept(states: Sequence[Progress]) -> int:
    return sum(len(state.kept) for state in states)


def _write(
    job: SynthesisJob,
    out: Path,
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
    out.mkdir(parents=True, exist_ok=True)
    kept = [draft for state in states for draft in state.kept]
    rows = [_question_row(job.options, draft, maker, checkers) for draft in kept]
    _write_lines(out / QUESTIONS, rows)
    _write_lines(out / REJECTIONS, map(_rejection_row, refused))
    write_csv(out / YIELD, YIELD_COLUMNS, yield_rows(job.options.kinds, states))
    models = {model.name: model.record() for model in (maker, *checkers)}
    write_json(out / RUN, {"seed": job.seed, "sources": len(states), "models": models})
    log.info("%d questions kept; refused: %s", len(rows), listed or "none")


def _question_row(
    options: SynthesisOptions, draft: Draft, maker: AskedModel, checkers: Sequence[AskedModel]
) -> dict[str, Any]:
    """A row of the format `jsonl`, with its receipts."""
    source = draft.source
    answerable = source.kind != Kind.UNANSWERABLE
    name = hashlib.sha256(f"{source.id}\n{draft.question}".encode()).hexdigest()[:12]
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
            "checkers": [
                checker.receipt(SUPPORT_PROMPT if source.kind.abstract else ANSWER_PROMPT)
                for checker in checkers
            ],
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


def yield_rows(kinds: Sequence[Kind], states: Sequence[Progress]) -> list[dict[str, object]]:
    """By kind: sources, questions kept, and refused by reason; shares are of kept and refused."""
    rows: list[dict[str, object]] = []
    for kind in kinds:
        own = [state for state in states if state.source.kind == kind]
        counts = Counter(r.reason.value for state in own for r in state.refused)
        total = _kept(own) + counts.total()
        found = [("kept", _kept(own)), *((r.value, counts[r.value]) for r in Reason)]
        rows.append({"kind": kind.value, "outcome": "sources", "questions": len(own)})
        rows += [
            {"kind": kind.value, "outcome": outcome, "questions": n, "share": n / total}
            for outcome, n in found
            if n or outcome == "kept"
            if total
        ]
    return rows


def _write_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    with atomic_file(path) as handle:
        for row in rows:
            handle.write(dump_json(row) + "\n")
