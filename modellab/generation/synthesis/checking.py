"""Checkers: other models try to answer a question with its chunks, without, and with one of two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from modellab.core.records import Passage, Question, Response, Status
from modellab.generation.synthesis.drafts import Draft
from modellab.generation.synthesis.filters import Reason, same_answer
from modellab.generation.synthesis.options import Kind
from modellab.tasks.open_qa.task import OpenQa

ALL, NOTHING, ONE = "all", "nothing", "one"


@dataclass(frozen=True)
class Check:
    """One draft put to a checker with some of its passages; `shown` says with which."""

    draft: Draft
    shown: str
    passages: tuple[Passage, ...]

    def question(self) -> Question:
        return Question(self.draft.source.id, self.draft.question, {}, {}, ())


def checks_of(draft: Draft) -> list[Check]:
    """What a checker is asked: whether each is needed depends on the kind of question."""
    passages = draft.source.passages()
    found = [Check(draft, ALL, passages)]
    if draft.source.kind != Kind.UNANSWERABLE:
        found.append(Check(draft, NOTHING, ()))
    if draft.source.kind.several_chunks:
        found += [Check(draft, ONE, (passage,)) for passage in passages]
    return found


def reason_of(
    checks: Sequence[Check], responses: Sequence[Response], task: OpenQa, agreement: float
) -> Reason | None:
    """What a checker's replies to all checks of one draft say against it."""
    for check, response in zip(checks, responses, strict=True):
        reason = _reason(check, response, task, agreement)
        if reason:
            return reason
    return None


def _reason(check: Check, response: Response, task: OpenQa, agreement: float) -> Reason | None:
    if response.error_class is not None or response.text is None:
        return Reason.CHECK_FAILED
    parsed = task.parse(response.text)
    if parsed.status == Status.UNPARSED:
        return Reason.CHECK_FAILED
    answered = parsed.status == Status.ANSWERED
    if check.draft.source.kind == Kind.UNANSWERABLE:
        return Reason.ANSWERABLE if answered else None
    same = answered and same_answer(check.draft.answer, parsed.answer["answer"], agreement)
    if check.shown == ALL:
        wrong = Reason.ANOTHER_ANSWER if answered else Reason.NOT_ANSWERABLE
        return None if same else wrong
    known = Reason.ANSWERABLE_WITHOUT if check.shown == NOTHING else Reason.ONE_CHUNK_ENOUGH
    return known if same else None
