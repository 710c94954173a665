"""What a model thought, told apart from what it answered.

Marks of thoughts differ between models and servers, and servers take some of them away: the opening
one may stand in the prompt, both may be left out as special tokens. A thought without an end is no
answer, however much in it looks like one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from pydantic import Field

from modellab.core.options import Options

#: opening and closing marks, written in any case
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
#: what answers after a thought may stand in
WRAPPERS: tuple[tuple[str, str], ...] = (
    ("<answer>", "</answer>"),
    ("<|begin_of_solution|>", "<|end_of_solution|>"),
    ("<|START_RESPONSE|>", "<|END_RESPONSE|>"),
    ("<output>", "</output>"),
    ("<response>", "</response>"),
)
#: special tokens of gpt-oss that its channels are made of
HARMONY = ("<|start|>", "<|channel|>", "<|message|>", "<|constrain|>", "<|end|>", "<|return|>")
_CHANNELS = re.compile(
    r"\A\s*(?:<\|start\|>)?(?:assistant)?<\|channel\|>|\A\s*(?:analysis|commentary|final)<\|message\|>"
)
_CHANNEL = re.compile(
    r"(?:<\|channel\|>|\A\s*)(?P<name>analysis|commentary|final)(?P<more>[^<]*(?:<\|constrain\|>"
    r"[^<]*)?)<\|message\|>(?P<text>.*?)(?=<\|(?:end|return|call|start|channel)\|>|\Z)",
    re.DOTALL,
)
#: the same where special tokens were left out: `analysis...assistantfinal...`
_STRIPPED = re.compile(
    r"\A\s*(?:assistant)?analysis(?P<thought>.*?)assistant ?final(?P<answer>.*)\Z", re.DOTALL
)
_STRIPPED_CUT = re.compile(r"\A\s*(?:assistant)?analysis(?=[A-Z0-9\"'({])")
_DECODER = json.JSONDecoder()
#: braces that are looked at to see whether a mark is a part of a value
MOST_OBJECTS = 100
_SIGN = re.compile(r"\S")
#: of a line, as many characters before or after a mark are looked at
_WIDEST = 1_000
_QUOTES = frozenset("`'\"\u201c\u201d\u2018\u2019")


class ThoughtMarks(Options):
    """Marks around what a model thinks, beside those that are known."""

    start: str | None = Field(None, min_length=1, description="where a thought begins")
    end: str = Field("</think>", min_length=1, description="where it ends")
    opened: bool = Field(
        False,
        description="true where the chat template behind a server opens the thought in the prompt: "
        "a text without the end mark is then all thought",
    )


@dataclass(frozen=True)
class Apart:
    """A text without its thoughts, and the thoughts; None where there are none.

    `opened`: the text began within a thought. `unfinished`: it also ended within one.
    """

    answer: str
    thought: str | None = None
    opened: bool = False
    unfinished: bool = False


def told_apart(text: str, marks: ThoughtMarks | None = None, opened: bool = False) -> Apart:
    """Tell answer and thoughts apart; `opened` where the text is known to begin within one.

    A text that is JSON as a whole has no thoughts: what looks like a mark is part of a value.
    """
    if _is_json(text):
        return Apart(text)
    opened = opened or bool(marks and marks.opened)
    found = _channels(text) or _by_marks(text, _pairs(marks), opened)
    return Apart(_unwrapped(found.answer), found.thought, found.opened, found.unfinished)


def opening_mark(prompt: str, marks: ThoughtMarks | None = None) -> str:
    """The mark that a prompt ends with, so that the answer begins within a thought; else empty."""
    end = prompt.rstrip().lower()
    starts = (start for start, _ in _pairs(marks) if start and end.endswith(start.lower()))
    return next(starts, "")


def all_marks(marks: ThoughtMarks | None = None) -> frozenset[str]:
    """Every mark: a special token that is one must not be left out of a text."""
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


def _channels(text: str) -> Apart | None:
    """The channels of gpt-oss; None where there are none."""
    if _CHANNELS.search(text):
        found = list(_CHANNEL.finditer(text))
        final = [match["text"] for match in found if match["name"] == "final"]
        thought = "\n".join(m["text"].strip() for m in found if m["name"] != "final").strip()
        if not found:
            return Apart("", text, unfinished=True)
        return Apart(final[-1].strip() if final else "", thought or None, unfinished=not final)
    stripped = _STRIPPED.search(text)
    if stripped:
        return Apart(stripped["answer"].strip(), stripped["thought"].strip() or None)
    if _STRIPPED_CUT.search(text):
        return Apart("", text, unfinished=True)
    return None


def _by_marks(text: str, pairs: tuple[tuple[str, str], ...], opened: bool) -> Apart:
    """Cut blocks from mark to mark, and all that stands before a closing mark without another."""
    kept: list[str] = []
    thoughts: list[str] = []
    began_within, at, first = False, 0, _first_sign(text, 0)
    never_closed: set[str] = set()
    for start, end, mark, is_end in _marks(text, pairs):
        if start < at:
            continue  # within a thought that was cut
        if is_end:
            if thoughts and not _on_a_line_of_its_own(text, start, end):
                continue
            began_within = began_within or not thoughts
            thoughts.append("".join(kept) + text[at:start])
            kept, at, first = [], end, _first_sign(text, end)
            continue
        closing = None if mark in never_closed else _closing(text, end, mark)
        if closing is not None:
            kept.append(text[at:start])
            thoughts.append(text[end : closing[0]])
            at, first = closing[1], _first_sign(text, closing[1])
        elif first >= start or text[start - 1] == "\n":
            return Apart("", _joined([*thoughts, *kept, text[at:]]), began_within, True)
        else:
            never_closed.add(mark)
    if opened and not began_within and not thoughts:
        return Apart("", text, True, True)
    if not thoughts:
        return Apart(text)
    return Apart(("".join(kept) + text[at:]).strip(), _joined(thoughts), began_within)


def _marks(text: str, pairs: tuple[tuple[str, str], ...]) -> Iterator[tuple[int, int, str, bool]]:
    """Each mark in a text: where it is, the closing mark, and whether it is that one itself."""
    closing = {start.lower(): end for start, end in pairs if start}
    ends = {end.lower(): end for _, end in pairs}
    found = list(_pattern(pairs).finditer(text))
    objects = _objects(text) if found else []
    for match in found:
        start, end = match.span()
        if text[start - 1 : start] in _QUOTES and text[end : end + 1] in _QUOTES:
            continue  # a word about the mark
        if any(first < start < last for first, last in objects):
            continue  # a part of a value
        said = match[0].lower()
        yield start, end, closing.get(said) or ends[said], said not in closing


def _objects(text: str) -> list[tuple[int, int]]:
    """Where the first JSON objects of a text are."""
    found: list[tuple[int, int]] = []
    end = 0
    for _ in range(MOST_OBJECTS):
        start = text.find("{", end)
        if start < 0:
            break
        try:
            end = _DECODER.raw_decode(text, start)[1]
            found.append((start, end))
        except (ValueError, RecursionError):
            end = start + 1
    return found


@cache
def _pattern(pairs: tuple[tuple[str, str], ...]) -> re.Pattern[str]:
    marks = sorted({mark for pair in pairs for mark in pair if mark}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, marks)), re.IGNORECASE)


def _closing(text: str, start: int, mark: str) -> tuple[int, int] | None:
    found = re.compile(re.escape(mark), re.IGNORECASE).search(text, start)
    return found.span() if found else None


def _first_sign(text: str, start: int) -> int:
    """Where the first character from `start` on is that is no blank; the end if there is none."""
    found = _SIGN.search(text, start)
    return found.start() if found else len(text)


def _on_a_line_of_its_own(text: str, start: int, end: int) -> bool:
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
