"""Separating a model's thoughts (reasoning) from its answer.

Marks differ between models, and servers remove some: the opening mark may be in the prompt, both
may be dropped as special tokens. A thought without an end is not an answer.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import Field

from modellab.core.options import Options

#: opening and closing marks, case-insensitive
KNOWN: tuple[tuple[str, str], ...] = (
    ("<think>", "</think>"),  # DeepSeek R1, Qwen3 and most others
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),  # EXAONE
    ("<thoughts>", "</thoughts>"),
    ("<reasoning>", "</reasoning>"),
    ("[THINK]", "[/THINK]"),  # Magistral
    ("\u25c1think\u25b7", "\u25c1/think\u25b7"),  # Kimi
    ("<seed:think>", "</seed:think>"),  # Seed-OSS
    ("<|begin_of_thought|>", "<|end_of_thought|>"),  # OpenThinker, Sky-T1
    ("<|START_THINKING|>", "<|END_THINKING|>"),  # Command A Reasoning
    ("<|channel>thought", "<channel|>"),  # Gemma 4
    ("<unused94>thought", "<unused95>"),  # MedGemma
    ("<longcat_think>", "</longcat_think>"),  # LongCat
    ("<scratchpad>", "</scratchpad>"),
    ("<reflection>", "</reflection>"),  # Reflection
)
#: marks around answers after a thought
WRAPPERS: tuple[tuple[str, str], ...] = (
    ("<answer>", "</answer>"),
    ("<|begin_of_solution|>", "<|end_of_solution|>"),
    ("<|START_RESPONSE|>", "<|END_RESPONSE|>"),
    ("<output>", "</output>"),
    ("<response>", "</response>"),
)
#: special tokens of gpt-oss channels
HARMONY = ("<|start|>", "<|channel|>", "<|message|>", "<|constrain|>", "<|end|>", "<|return|>")
_CHANNELS = re.compile(
    r"\A\s*(?:<\|start\|>)?(?:assistant)?<\|channel\|>|\A\s*(?:analysis|commentary|final)<\|message\|>"
)
_CHANNEL = re.compile(
    r"(?:<\|channel\|>|\A\s*)(?P<name>analysis|commentary|final)(?P<more>[^<]*(?:<\|constrain\|>"
    r"[^<]*)?)<\|message\|>(?P<text>.*?)(?=<\|(?:end|return|call|start|channel)\|>|\Z)",
    re.DOTALL,
)
#: without special tokens: `analysis...assistantfinal...`
_STRIPPED = re.compile(
    r"\A\s*(?:assistant)?analysis(?P<thought>.*?)assistant ?final(?P<answer>.*)\Z", re.DOTALL
)
_STRIPPED_CUT = re.compile(r"\A\s*(?:assistant)?analysis(?=[A-Z0-9\"'({])")
_DECODER = json.JSONDecoder()
#: number of braces that may open no JSON object
_MOST_BROKEN = 100
_NON_SPACE = re.compile(r"\S")
#: characters of a line that are checked before and after a mark
_WIDEST = 1_000
_QUOTES = frozenset("`'\"\u201c\u201d\u2018\u2019")


class ThoughtMarks(Options):
    """Marks of thoughts besides the known ones."""

    start: str | None = Field(None, min_length=1, description="start of a thought")
    end: str = Field("</think>", min_length=1, description="end of a thought")
    opened: bool = Field(
        False,
        description="true if the chat template of a server opens the thought in the prompt: a text "
        "without the end mark is then all thought",
    )


@dataclass(frozen=True)
class Split:
    """The answer in a text, and the thoughts; None if there are none.

    `opened`: the text starts within a thought. `unfinished`: it ends within one.
    """

    answer: str
    thought: str | None = None
    opened: bool = False
    unfinished: bool = False


def split_thoughts(text: str, marks: ThoughtMarks | None = None, opened: bool = False) -> Split:
    """Split a text into answer and thoughts; `opened`: the text starts within a thought.

    In a text that is valid JSON, marks are part of a value.
    """
    if _is_json(text):
        return Split(text)
    opened = opened or bool(marks and marks.opened)
    found = _channels(text) or _by_marks(text, _pairs(marks), opened)
    return Split(_unwrapped(found.answer), found.thought, found.opened, found.unfinished)


def opening_mark(prompt: str, marks: ThoughtMarks | None = None) -> str:
    """The opening mark at the end of a prompt; empty if there is none."""
    end = prompt.rstrip().lower()
    starts = (start for start, _ in _pairs(marks) if start and end.endswith(start.lower()))
    return next(starts, "")


def all_marks(marks: ThoughtMarks | None = None) -> frozenset[str]:
    """All marks: special tokens among them must not be dropped from a text."""
    pairs = (*_pairs(marks), *WRAPPERS)
    return frozenset({mark for pair in pairs for mark in pair if mark})


def end_marks(marks: ThoughtMarks | None = None) -> tuple[str, ...]:
    """The marks that end a thought."""
    return tuple(end for _, end in _pairs(marks))


def _pairs(marks: ThoughtMarks | None) -> tuple[tuple[str, str], ...]:
    return KNOWN if marks is None else ((marks.start or "", marks.end), *KNOWN)


def _is_json(text: str) -> bool:
    if not text.lstrip().startswith(("{", "[", '"')):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _channels(text: str) -> Split | None:
    """The channels of gpt-oss; None if there are none."""
    if _CHANNELS.search(text):
        found = list(_CHANNEL.finditer(text))
        final = [match["text"] for match in found if match["name"] == "final"]
        thought = "\n".join(m["text"].strip() for m in found if m["name"] != "final").strip()
        if not found:
            return Split("", text, unfinished=True)
        return Split(final[-1].strip() if final else "", thought or None, unfinished=not final)
    stripped = _STRIPPED.search(text)
    if stripped:
        return Split(stripped["answer"].strip(), stripped["thought"].strip() or None)
    if _STRIPPED_CUT.search(text):
        return Split("", text, unfinished=True)
    return None


def _by_marks(text: str, pairs: tuple[tuple[str, str], ...], opened: bool) -> Split:
    """Cut from mark to mark, and everything before an unmatched closing mark."""
    kept: list[str] = []
    thoughts: list[str] = []
    began_within, at, first = False, 0, _first_character(text, 0)
    never_closed: set[str] = set()
    for start, end, mark, is_end in _marks(text, pairs):
        if start < at:
            continue  # inside a thought
        if is_end:
            if thoughts and not _starts_or_ends_line(text, start, end):
                continue
            began_within = began_within or not thoughts
            thoughts.append("".join(kept) + text[at:start])
            kept, at, first = [], end, _first_character(text, end)
            continue
        closing = None
        if mark not in never_closed:
            closing = re.compile(re.escape(mark), re.IGNORECASE).search(text, end)
        if closing is not None:
            kept.append(text[at:start])
            thoughts.append(text[end : closing.start()])
            at, first = closing.end(), _first_character(text, closing.end())
        elif first >= start or text[start - 1] == "\n":
            return Split("", _joined([*thoughts, *kept, text[at:]]), began_within, True)
        else:
            never_closed.add(mark)
    if opened and not began_within and not thoughts:
        return Split("", text, True, True)
    if not thoughts:
        return Split(text)
    return Split(("".join(kept) + text[at:]).strip(), _joined(thoughts), began_within)


def _marks(text: str, pairs: tuple[tuple[str, str], ...]) -> Iterator[tuple[int, int, str, bool]]:
    """Marks in a text: start, end, the closing mark, and whether it is the closing one."""
    closing = {start.lower(): end for start, end in pairs if start}
    ends = {end.lower(): end for _, end in pairs}
    found = list(_pattern(pairs).finditer(text))
    objects = list(json_objects(text)) if found else []
    for match in found:
        start, end = match.span()
        if text[start - 1 : start] in _QUOTES and text[end : end + 1] in _QUOTES:
            continue  # a quoted mark
        if any(first < start < last for first, last, _ in objects):
            continue  # part of a value
        mark = match[0].lower()
        yield start, end, closing.get(mark) or ends[mark], mark not in closing


def json_objects(
    text: str, decoder: json.JSONDecoder = _DECODER, most_broken: int = _MOST_BROKEN
) -> Iterator[tuple[int, int, Any]]:
    """The outermost JSON objects in a text: start, end and value.

    The rest is ignored after `most_broken` braces that open no object.
    """
    end = broken = 0
    while broken < most_broken and (start := text.find("{", end)) >= 0:
        try:
            value, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            end, broken = start + 1, broken + 1
            continue
        yield start, end, value


@cache
def _pattern(pairs: tuple[tuple[str, str], ...]) -> re.Pattern[str]:
    marks = sorted({mark for pair in pairs for mark in pair if mark}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, marks)), re.IGNORECASE)


def _first_character(text: str, start: int) -> int:
    """The first non-space character from `start` on, or the end."""
    found = _NON_SPACE.search(text, start)
    return found.start() if found else len(text)


def _starts_or_ends_line(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - _WIDEST) : start], text[end : end + _WIDEST]
    return not before.rpartition("\n")[2].strip() or not after.partition("\n")[0].strip()


def _joined(thoughts: list[str]) -> str | None:
    return "\n".join(part.strip() for part in thoughts if part.strip()) or None


def _unwrapped(answer: str) -> str:
    text = answer.strip()
    for start, end in WRAPPERS:
        whole = text.lower().startswith(start.lower()) and text.lower().endswith(end.lower())
        if whole and text.lower().count(start.lower()) == 1:
            return text[len(start) : -len(end)].strip()
    return answer
