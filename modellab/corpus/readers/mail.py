"""E-mail: a message is one document, with its subject, sender and date above the text."""

import email
import mailbox
from email import policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from modellab.core.errors import BrokenFileError
from modellab.core.io.encoding import read_text_bytes
from modellab.corpus.documents import Document
from modellab.corpus.readers import html
from modellab.corpus.readers.reader import (
    DEFAULTS,
    FileRead,
    ReadOptions,
    Skipped,
    document,
)


def read_message(path: Path, _options: ReadOptions = DEFAULTS) -> FileRead:
    """One document. Raises BrokenFileError for a message without text."""
    message = email.message_from_bytes(read_text_bytes(path), policy=policy.default)
    found = _document(message, str(path), path.stem)
    if found is None:
        raise BrokenFileError(f"{path}: the message holds no text")
    return FileRead((found,))


def read_mailbox(path: Path, options: ReadOptions = DEFAULTS) -> FileRead:
    """A document per message, with its number as id."""
    box = mailbox.mbox(path, create=False)
    found, skipped = [], []
    for number, raw in enumerate(box, start=1):
        message = email.message_from_bytes(raw.as_bytes(), policy=policy.default)
        where, name = f"{path}: message {number}", f"{options.within or path.stem + ':'}{number}"
        one = _document(message, where, name)
        if one is None:
            skipped.append(Skipped(where, "the message holds no text", name))
        else:
            found.append(one)
    box.close()
    return FileRead(tuple(found), tuple(skipped))


def _document(message: EmailMessage, source: str, name: str) -> Document | None:
    from bs4 import BeautifulSoup

    body = message.get_body(("plain", "html"))
    try:
        text = str(body.get_content()) if body is not None else ""
    except LookupError:  # an unknown charset
        text = bytes(body.get_payload(decode=True)).decode(errors="replace") if body else ""
    if body is not None and body.get_content_type() == "text/html":
        text = html.text_of(BeautifulSoup(text, "lxml"))
    if not text.strip():
        return None
    heads = [f"{head}: {message[head]}" for head in ("Subject", "From", "Date") if message[head]]
    subject = str(message["Subject"] or "").strip()
    values = {"id": name, "title": subject or name, "text": "\n".join([*heads, "", text.strip()])}
    return document({**values, "year": _year(str(message["Date"] or ""))}, source)


def _year(date: str) -> int | None:
    try:
        return parsedate_to_datetime(date).year
    except ValueError:
        return None
