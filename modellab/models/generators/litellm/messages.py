"""Messages as the chat interface takes them."""

from __future__ import annotations

import base64
import mimetypes
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from modellab.core.records import Message


def as_sent(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """Plain text, or where there are pictures, parts with the pictures' data.

    Raises OSError for a picture that cannot be read, ValueError for a file that is none.
    """
    return [{"role": message.role, "content": _content(message)} for message in messages]


def _content(message: Message) -> str | list[dict[str, Any]]:
    if not message.images:
        return message.content
    pictures = [
        {"type": "image_url", "image_url": {"url": _data_url(Path(path))}}
        for path in message.images
    ]
    return [*pictures, {"type": "text", "text": message.content}]


def _data_url(path: Path) -> str:
    kind, _ = mimetypes.guess_type(path.name)
    if kind is None or not kind.startswith("image/"):
        raise ValueError(f"{path}: not the name of a picture")
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
