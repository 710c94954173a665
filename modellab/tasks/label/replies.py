"""Reading the label that a reply in plain text states."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from modellab.core.values.spelling import bare

LabelOf = Callable[[str], str | None]

#: `Answer: B`, `**Final answer:** B`, `The label is B.`, `Option B`, `Antwort: B`
_STATEMENT = re.compile(
    r"(?:the |my )?(?P<final>final )?(?:correct |right |best )?"
    r"(?:answer|label|verdict|choice|option|category|class|classification|sentiment|flag|quality"
    r"|antwort|réponse|respuesta|risposta|resposta|ответ|答案|回答|答え|정답|cevap)"
    r"(?:(?: is| would be)?[:=\uff1a]| is| would be|是|\b)(?P<said>.*)",
    re.IGNORECASE,
)
#: how mathematical models mark their result
_BOXED = re.compile(r"\\boxed\{([^{}]*)\}")
#: marks of Markdown around a statement: `**Answer:** B`, `### Answer`, `> B`
_MARKDOWN = re.compile(r"[*_`#>]+")
#: a choice with its text: `B) Paris`, `(B) Paris`, `B. Paris`, `B: Paris`
_LETTERED = re.compile(r"(?<![\w.])\(?(?P<letter>[^\W\d_])(?:\)|[.:](?=\s))")


def stated_label(text: str, label_of: LabelOf) -> str | None:
    """The label that a reply states, in words or alone on its first or last line.

    What the reply states last counts. A different label stated before makes it ambiguous, unless
    the last statement says `final` (or is `\\boxed{...}`). A label inside a sentence is never used.

    Returns:
        The label; None if the reply states none, or several.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    stated = list(_statements(lines, label_of))
    if not stated or stated[-1][0] is None:
        return None
    last, final = stated[-1]
    agree = all(label in (None, last) for label, _ in stated)
    return last if final or agree else None


def only_label(text: str, label_of: LabelOf) -> str | None:
    """The label that a text consists of: `B`, `**B**.`, `(B)`, or a choice with its text."""
    label = label_of(text) or label_of(bare(text))
    found = list(_LETTERED.finditer(text))
    if label is None and len(found) == 1 and found[0].start() == 0:
        label = label_of(found[0]["letter"])
    return label


def _statements(lines: list[str], label_of: LabelOf) -> Iterator[tuple[str | None, bool]]:
    """What is stated, in order: a label (None: anything else), and whether it is final."""
    for number, line in enumerate(lines):
        if boxed := _BOXED.findall(line):
            yield only_label(boxed[-1], label_of), True
            continue
        match = _STATEMENT.fullmatch(_MARKDOWN.sub("", line).strip())
        if match:
            said = match["said"].strip() or "".join(lines[number + 1 : number + 2])
            yield only_label(said, label_of), bool(match["final"])
        elif number in (0, len(lines) - 1) and (label := only_label(line, label_of)):
            yield label, False
