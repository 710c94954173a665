"""How a tiny reader writes its answers: JSON whose fixed parts are one token each."""

from __future__ import annotations

OPEN = '{"answer_value": "'
MIDDLE = '", "ref_id": ["'
CLOSE = '"]}'
BLANK = '{"answer_value": "is_blank", "ref_id": "is_blank"}'


def answer(value: str, document: str) -> str:
    """The text a reader writes, a space before the value: there it has the same tokens as in text.

    The tokenizer's decoder takes the space out again.
    """
    return f"{OPEN} {value}{MIDDLE}{document}{CLOSE}"
