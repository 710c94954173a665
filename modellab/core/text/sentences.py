"""Sentence segmentation. When in doubt, two sentences stay together."""

# Word lists read best as words, and Cyrillic and full-width characters are meant.
# ruff: noqa: SIM905, RUF001

import re
from collections.abc import Iterator
from typing import NamedTuple

_ABBREVIATIONS = frozenset(
    """
    al approx ca cf dr ed eds eq eqs et fig figs gen mr mrs prof resp sr st suppl viz vol vs
    г акад доц проф рис табл ул
    """.split()
)
_BEFORE_NUMBERS = frozenset(
    """
    art ch est max min no nos p par pp ref refs sec tab
    гл им п руб см ср ст стр таб
    """.split()
)

# End a sentence even without a following space: full-width punctuation (a dot unless before a
# digit), that of other scripts, and ASCII punctuation between Han or kana.
_WIDE = r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
_END = re.compile(
    r"(?<![.!?…])[.!?…]++[\"'»”’)\]]*(?=\s)"
    r"|(?P<sure>(?:[。｡！？।॥؟۔։።။។]|．(?!\d))+[」』”’）》〉】]*"
    rf"|(?<={_WIDE})[.!?]+[」』”’）》〉】]*(?={_WIDE}))"
)
_NEXT_SIGN = re.compile(r"\s*(\S?)")
_LAST_WORD = re.compile(r"[\w.]*\w\Z")
_LIST_NUMBER = re.compile(r"\s*[(\[]?(?:\d{1,3}|\w)\Z")
_HEADING = re.compile(r" {0,3}#{1,6}\s")
_LIST_ITEM = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])\s")
_LOOK_BACK = 30  # characters, longer than any abbreviation


class Span(NamedTuple):
    """A piece of a text, `end` exclusive. `whole`: it is kept together."""

    start: int
    end: int
    whole: bool = False


class _Block(NamedTuple):
    """Lines that a sentence may span, or one line that is a sentence."""

    span: Span
    alone: bool


def sentence_spans(text: str) -> list[Span]:
    """The sentences in order, which cover all non-space characters.

    Headings and table rows are separate sentences; a blank line or list item ends a sentence. Only
    table rows are `whole`.
    """
    return [
        trimmed
        for block in _blocks(text)
        for span in ([block.span] if block.alone else _sentences(text, block.span))
        if (trimmed := _trim(text, span)).start < trimmed.end
    ]


def _blocks(text: str) -> Iterator[_Block]:
    start = end = 0
    for line in re.finditer(r"[^\n]*\n|[^\n]+", text):
        content = line.group().strip()
        row = len(content) > 1 and content[0] == content[-1] == "|"
        alone = row or _HEADING.match(line.group()) is not None
        if alone or not content or _LIST_ITEM.match(line.group()):
            yield _Block(Span(start, end), alone=False)
            start = line.start()
        end = line.end()
        if alone:
            yield _Block(Span(start, end, whole=row), alone=True)
            start = end
    yield _Block(Span(start, end), alone=False)


def _sentences(text: str, block: Span) -> Iterator[Span]:
    start = block.start
    for found in _END.finditer(text, block.start, block.end):
        if _ends_sentence(text, start, found, block.end):
            yield Span(start, found.end())
            start = found.end()
    yield Span(start, block.end)


def _ends_sentence(text: str, start: int, found: re.Match[str], end: int) -> bool:
    if found["sure"]:
        return True
    coming = _NEXT_SIGN.match(text, found.end(), end)
    following = coming.group(1) if coming else ""
    if following.islower():
        return False
    before = text[max(start, found.start() - _LOOK_BACK) : found.start()]
    return found.group() != "." or not _is_abbreviation(before, following)


def _is_abbreviation(before: str, following: str) -> bool:
    """Whether a full stop after `before` is part of a word, an initial or a list number."""
    if _LIST_NUMBER.match(before):
        return True
    last = _LAST_WORD.search(before)
    if last is None:
        return False
    word = last.group()
    if word.lower() in _BEFORE_NUMBERS:
        return following.isdigit()
    return word.lower() in _ABBREVIATIONS or _is_initials(word)


def _is_initials(word: str) -> bool:
    """One capital, or short parts with stops between: J, U.S, e.g, Ph.D; not 3.5."""
    parts = [part for part in word.split(".") if part]
    if len(parts) == 1:
        return len(word) == 1 and word.isupper()
    return parts[-1].isalpha() and len(parts[-1]) == 1 and all(len(part) <= 2 for part in parts)


def _trim(text: str, span: Span) -> Span:
    piece = text[span.start : span.end]
    start = span.start + len(piece) - len(piece.lstrip())
    return Span(start, max(start, span.start + len(piece.rstrip())), span.whole)
