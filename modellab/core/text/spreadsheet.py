"""Text of a model in a table that people open in a spreadsheet."""

from __future__ import annotations

#: with the full-width forms, which some spreadsheets read in the same way
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def harmless(text: str) -> str:
    """The text with a leading apostrophe where a spreadsheet would run it as a formula.

    Numbers such as -5 stay as they are. The next program to read the file sees the apostrophe,
    so this is for tables that people read, never for files that a scorer reads.
    """
    return f"'{text}" if text.startswith(FORMULA_STARTS) and not _is_number(text) else text


def as_it_was(text: str) -> str:
    """The text before it was made `harmless`."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_STARTS) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
