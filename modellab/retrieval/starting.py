"""Retrievers that start from what another one found."""

from __future__ import annotations

from collections.abc import Sequence

from modellab.core.errors import InputError
from modellab.core.records import Context, Question
from modellab.retrieval.protocol import Members


def contexts_of(of: str, questions: Sequence[Question], members: Members) -> list[Context]:
    """The contexts of the retriever `of`, one per question.

    Raises InputError when they lack a question.
    """
    known = {context.question_id: context for context in members.contexts[of]}
    missing = [question.id for question in questions if question.id not in known]
    if missing:
        raise InputError(
            f"contexts of retriever {of!r} lack question {missing[0]!r}; make them anew"
        )
    return [known[question.id] for question in questions]
