"""Conversations in cells: lists of messages with a role and a text."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from modellab.core.errors import InputError

#: keys of the speaker and the text
_SPEAKERS = ("role", "type", "from", "speaker", "author")
_TEXTS = ("content", "value", "text", "parts")
_USER = frozenset({"user", "human"})
_ASSISTANT = frozenset({"assistant", "ai", "gpt", "model", "bot", "agent"})


class Turn(NamedTuple):
    """One message; the role is `user`, `assistant` or another one."""

    role: str
    text: str


def is_conversation(value: Any) -> bool:
    """Whether a value is a list of messages with a role and a text."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, Mapping) and _first(one, _SPEAKERS) is not None for one in value)
        and any(_first(one, _TEXTS) is not None for one in value)
    )


def messages_of(place: str, value: Sequence[Mapping[str, Any]]) -> list[Turn]:
    """The messages with a text. Raises InputError (place) for a text of another type."""
    found = []
    for number, message in enumerate(value, start=1):
        speaker = str(_first(message, _SPEAKERS)).lower()
        role = "user" if speaker in _USER else "assistant" if speaker in _ASSISTANT else speaker
        text = _content(f"{place}[{number}]", _first(message, _TEXTS))
        if text.strip():
            found.append(Turn(role, text))
    return found


def last_question(place: str, value: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """The user's last message, and the earlier messages, a line each.

    Raises InputError if there is no message of a user.
    """
    messages = messages_of(place, value)
    last = max((at for at, one in enumerate(messages) if one.role == "user"), default=None)
    if last is None:
        raise InputError(f"{place}: no message of a user; one must ask the question")
    return messages[last].text, "\n".join(f"{one.role}: {one.text}" for one in messages[:last])


def last_reply(place: str, value: Sequence[Mapping[str, Any]]) -> str | None:
    """The assistant's reply to the last question; None if there is none."""
    messages = messages_of(place, value)
    return messages[-1].text if messages and messages[-1].role == "assistant" else None


def _content(place: str, value: Any) -> str:
    """A text, or the texts of a list of parts such as `{"type": "text", "text": ...}`."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(part, Mapping) for part in value):
        return "".join(str(part.get("text", "")) for part in value)
    raise InputError(f"{place}: a message must be text, not {type(value).__name__}")


def _first(message: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((message[name] for name in names if message.get(name) is not None), None)
