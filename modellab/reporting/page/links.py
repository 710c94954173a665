"""Addresses inside of the page."""

from __future__ import annotations

from urllib.parse import quote, urlencode


def questions_link(**filters: str) -> str:
    """The list of questions with filters, such as `system="a@bm25"` and `outcome="wrong"`."""
    return f"#questions?{urlencode(filters, quote_via=quote)}"


def system_link(system: str) -> str:
    return questions_link(system=system)


def compare_link(one: str, other: str) -> str:
    """The questions that two systems differ on, their answers beside each other."""
    return questions_link(system=one, other=other, outcome="disagree")
