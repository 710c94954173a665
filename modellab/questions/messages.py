"""Conversations: a list of messages a row, of which the last question is asked.

Written so by OpenAI (`messages` of role and content), ShareGPT (`conversations` of from and value),
and tools that follow them. What was said before is shown to models as `history`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from modellab.core.io.table_file import Row
from modellab.questions.conversation import answered_last, asked_last, is_conversation
from modellab.questions.row_format import RowFormat

_LISTS = ("messages", "conversations", "conversation", "turns")


class MessagesFormat(RowFormat):
    """messages or conversations; the true answer is a column, or the last message."""

    kind: Literal["messages"] = Field(description="Lists of messages: questions with a history.")

    @classmethod
    def fits(cls, row: Row) -> bool:
        return _list_of(row) is not None

    def adapted(self, place: str, row: Row) -> Iterator[tuple[str, Row]]:
        name = _list_of(row)
        if name is None:
            raise KeyError("messages")
        question, history = asked_last(f"{place}: {name}", row[name])
        answer = answered_last(f"{place}: {name}", row[name])
        others = {key: value for key, value in row.items() if key != name}
        own = {"answer": answer} if answer is not None else {}
        yield place, {**own, **others, "question": question, "history": history}


def _list_of(row: Row) -> str | None:
    """The key of the list of messages, in a row that says no question otherwise."""
    if {"question", "query", "input"} & set(row):
        return None
    return next((name for name in _LISTS if is_conversation(row.get(name))), None)
