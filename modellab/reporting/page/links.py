"""Addresses inside of the page."""

from __future__ import annotations

from urllib.parse import quote, urlencode


def question_link(question_id: str) -> str:
    return f"#question={quote(question_id, safe='')}"


def questions_link(**filters: str) -> str:
    """The matrix with filters set, such as `system="a@bm25"` and `outcome="wrong"`."""
    return f"#questions?{urlencode(filters, quote_via=quote)}"


def system_link(system: str) -> str:
    return questions_link(system=system)
