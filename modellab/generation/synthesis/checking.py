"""Checkers: other models try to answer a question with its chunks, without, and with one of two.

An abstract answer can be put in many ways: whether it follows from chunks they say with yes or no.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from modellab.core.records import Passage, Question, Response, Status
from modellab.core.text.words import words
from modellab.generation.synthesis.drafts import Draft
from modellab.generation.synthesis.filters import Reason, same_answer
from modellab.generation.synthesis.options import ANSWER_PROMPT, SUPPORT_PROMPT, Kind
from modellab.tasks.open_qa.task import OpenQa

ALL, NOTHING, ONE = "all", "nothing", "one"


@dataclass(frozen=True)
class Check:
    """One draft put to a checker with some of its passages; `shown` says with which."""

    draft: Draft
    shown: str
    passages: tuple[Passage, ...]

    @property
    def prompt(self) -> str:
        abstract = self.draft.source.kind.abstract and self.shown != NOTHING
        return SUPPORT_PROMPT if abstract else ANSWER_PROMPT

    def question(self) -> Question:
        told = {"answer": self.draft.answer} if self.prompt == SUPPORT_PROMPT else {}
        return Question(self.draft.source.id, self.draft.question, told, {}, ())


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
    if check.prompt == SUPPORT_PROMPT:
        return _of_support(check, parsed.answer["answer"])
    answered = parsed.status == Status.ANSWERED
    if check.draft.source.kind == Kind.UNANSWERABLE:
        return Reason.ANSWERABLE if answered else None
    same = answered and same_answer(check.draft.answer, parsed.answer["answer"], agreement)
    if check.shown == ALL:
        wrong = Reason.ANOTHER_ANSWER if answered else Reason.NOT_ANSWERABLE
        return None if same else wrong
    known = Reason.ANSWERABLE_WITHOUT if check.shown == NOTHING else Reason.ONE_CHUNK_ENOUGH
    return known if same else None


def _of_support(check: Check, reply: str) -> Reason | None:
    said = words(reply)[:1]
    if said not in (["yes"], ["no"]):
        return Reason.CHECK_FAILED
    if check.shown == ALL:
        return None if said == ["yes"] else Reason.NOT_SUPPORTED
    return Reason.ONE_CHUNK_ENOUGH if said == ["yes"] else None
