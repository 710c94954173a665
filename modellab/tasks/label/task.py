"""Labels: one of a list of labels for a text, with reasons, tags and a recommendation."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from modellab.core.records import Passage, Question, Status
from modellab.core.text.abstentions import abstention_test
from modellab.core.text.blank import BLANK
from modellab.core.text.json_reading import (
    SeveralObjectsError,
    field_text,
    the_object,
    without_thoughts,
)
from modellab.core.values.spelling import bare
from modellab.tasks.canonical import CanonicalAnswer
from modellab.tasks.protocol import Parsed, TaskOptions

LabelOf = Callable[[str], str | None]

#: `Answer: B`, `**Final answer:** B`, `The label is B.`, `Option B`, `Antwort: B`
_STATEMENT = re.compile(
    r"(?:the |my )?(?P<final>final )?(?:correct |right |best )?"
    r"(?:answer|label|verdict|choice|option|category|class|classification|sentiment|flag|quality"
    r"|antwort|réponse|respuesta|risposta|resposta|ответ|答案|回答|答え|정답|cevap)"
    r"(?:(?: is| would be)?[:=\uff1a]| is| would be|是|\b)(?P<stated>.*)",
    re.IGNORECASE,
)
#: how mathematical models mark their result
_BOXED = re.compile(r"\\boxed\{([^{}]*)\}")
#: marks of Markdown around a statement: `**Answer:** B`, `### Answer`, `> B`
_MARKDOWN = re.compile(r"[*_`#>]+")
#: a last line such as `Answer:`, below the choices of a question
_LAST_WORD = re.compile(r"\n[^\n]*:\s*\Z")
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
    plain = bare(text)
    label = label_of(text) or label_of(plain)
    found = list(_LETTERED.finditer(plain))
    if label is None and len(found) == 1 and found[0].start() == 0:
        label = label_of(found[0]["letter"])
        if label_of(bare(plain[found[0].end() :])) not in (None, label):
            return None  # the letter of one choice with the text of another
    return label


def _statements(lines: list[str], label_of: LabelOf) -> Iterator[tuple[str | None, bool]]:
    """What is stated, in order: a label (None: anything else), and whether it is final."""
    for number, line in enumerate(lines):
        if boxed := _BOXED.findall(line):
            yield only_label(boxed[-1], label_of), True
            continue
        match = _STATEMENT.fullmatch(_MARKDOWN.sub("", line).strip())
        if match:
            stated = match["stated"].strip() or "".join(lines[number + 1 : number + 2])
            yield only_label(stated, label_of), bool(match["final"])
        elif number in (0, len(lines) - 1) and (label := only_label(line, label_of)):
            yield label, False


FIELDS = ("label", "reasoning", "tags", "recommendation")
CANONICAL = CanonicalAnswer("label", FIELDS, explanation="reasoning")
#: keys of the label in replies and other files, besides the configured one
LABEL_KEYS = ("label", "flag", "quality", "answer")
_RECOMMENDATION_KEYS = ("recommendation", "recommendation_email")

#: two ways to write the same label
_TRUTH_VALUES = (("true", "yes"), ("false", "no"))

UNREADABLE = Parsed(Status.UNPARSED)
_ABSTAINS = abstention_test(BLANK)
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class LabelOptions(TaskOptions):
    """A text in, a label out, with reasons, tags and a recommendation.

    A prompt may use `text`, `inputs`, `passages`, `labels`, `tags`, `keys`, `instructions`.
    """

    fields: ClassVar[tuple[str, ...]] = FIELDS
    prompt: ClassVar[str] = "label.jinja"
    true_field: ClassVar[str] = "label"
    canonical: ClassVar[str] = "modellab.tasks.label.task:CANONICAL"
    scorers: ClassVar[tuple[str, ...]] = ("modellab.tasks.label.scorer:LabelScorerOptions",)
    needs_truth: ClassVar[bool] = False
    for_scoring: ClassVar[frozenset[str]] = frozenset({"positive", "column"})

    kind: Literal["label"] = Field(description="One label for each text.")
    labels: tuple[Name, ...] = Field(min_length=2, description="the labels to choose from")
    spellings: dict[str, tuple[Name, ...]] = Field(
        default_factory=dict, description="by label: other spellings of it"
    )
    positive: str | None = Field(
        None,
        description="the label that precision, recall and specificity are about; "
        "default: their means over all labels",
    )
    tags: tuple[Name, ...] = Field((), description="the tags that a text may have; default: none")
    label_key: Name = Field("label", description="the JSON key that the label is asked under")
    reasoning: bool = Field(True, description="whether reasons are asked for, before the label")
    recommendation: bool = Field(False, description="whether a recommendation is asked for")
    instructions: str = Field("", description="what the shipped prompt says of labels and tags")
    column: str = Field("text", min_length=1, description="the text's name in the wide table")

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        for names in (self.labels, self.tags):
            for index, name in enumerate(names):
                if _folded(name) in map(_folded, names[:index]):
                    raise ValueError(f"duplicate name {name!r}")
        for name in [*self.spellings, *([self.positive] if self.positive is not None else [])]:
            if name not in self.labels:
                raise ValueError(f"{name!r} is no label; choose from: {', '.join(self.labels)}")
        return self

    def for_question(self, question: Question) -> Self:
        """With the texts of the choices in a question as spellings of their labels.

        The text of several choices and one that is a label already are none.
        """
        listed = self._choices(question.text)
        choices = {label: (text, bare(text)) for label, text in listed if text}
        counts = Counter(_folded(plain) for _, plain in choices.values())
        own = {
            label: (*self.spellings.get(label, ()), *texts)
            for label, texts in choices.items()
            if counts[_folded(texts[1])] == 1 and not any(map(self.label_of, texts))
        }
        return self.model_copy(update={"spellings": {**self.spellings, **own}}) if own else self

    def _choices(self, text: str) -> list[tuple[str, str]]:
        """The choices that a text lists last, each from the start of a line: `A. Paris`."""
        labels = sorted(label for label in self.labels if len(label) == 1)
        if not labels:
            return []
        start = rf"^[ \t]*\(?({'|'.join(map(re.escape, labels))})[.):][ \t]+"
        _, *cut = re.split(start, _LAST_WORD.sub("", text), flags=re.MULTILINE)
        names, texts = cut[::2], [part.strip() for part in cut[1::2]]
        first = max((at for at, name in enumerate(names) if name == labels[0]), default=0)
        listed = list(zip(names, texts, strict=True))[first:]
        return listed if len(listed) > 1 and names[first:] == labels[: len(listed)] else []

    def prepared(self, question: Question) -> Question:
        """A text with a true label is answerable, whatever its tags say."""
        found = super().prepared(question)
        labelled = bool(question.reference.get("label", "").strip())
        return replace(found, unanswerable=found.unanswerable and not labelled)

    def refuse(self, question: Question) -> str | None:
        label = question.reference.get("label", "")
        if label.strip() and self.label_of(label) is None:
            return f"the label {label!r} is not one of: {', '.join(self.labels)}"
        tags = read_tags(question.reference.get("tags", "[]"))
        if tags is None:
            return "the tags are not a list"
        unknown = [tag for tag in tags if self.tag_of(tag) not in self.tags]
        if unknown and self.tags:
            return f"the tag {unknown[0]!r} is not one of: {', '.join(self.tags)}"
        return None

    def true_text(self, question: Question) -> str | None:
        label = question.reference.get("label", "").strip()
        tags = read_tags(question.reference.get("tags", "[]"))
        return json.dumps({self.label_key: label, "tags": tags}) if label else None

    def label_of(self, text: str) -> str | None:
        """The label that a text means, ignoring case; None if it is no label."""
        wanted = _folded(text)
        for label in self.labels:
            if wanted in map(_folded, (label, *self.spellings.get(label, ()))):
                return label
        alike = next((pair for pair in _TRUTH_VALUES if wanted in pair), ())
        return next((label for label in self.labels if _folded(label) in alike), None)

    def tag_of(self, text: str) -> str:
        """The tag that a text means; the text itself if it is no tag."""
        return next((tag for tag in self.tags if _folded(tag) == _folded(text)), text)

    @property
    def answer_schema(self) -> Mapping[str, Any]:
        """The reasons come first, so that the label can depend on them."""
        tags = {"type": "array", "items": {"enum": list(self.tags)}}
        properties: dict[str, Any] = {
            **({"reasoning": {"type": "string"}} if self.reasoning else {}),
            self.label_key: {"enum": list(self.labels)},
            **({"tags": tags} if self.tags else {}),
            **({"recommendation": {"type": "string"}} if self.recommendation else {}),
        }
        return {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }

    def variables(self, question: Question, passages: Sequence[Passage]) -> dict[str, Any]:
        return {
            "text": question.text,
            "inputs": dict(question.inputs),
            "passages": passages,
            "labels": self.labels,
            "tags": self.tags,
            "label_key": self.label_key,
            "keys": tuple(self.answer_schema["properties"]),
            "instructions": self.instructions,
        }

    def parse(self, text: str) -> Parsed:
        """A label from a JSON object, or one that the reply states in plain text.

        An unknown label is UNPARSED, as are several different objects; an empty one (null) is an
        abstention, as are the usual words for it.
        """
        label_of = self.label_of
        reply = without_thoughts(text)
        keys = (self.label_key, *LABEL_KEYS)
        try:
            data = None if only_label(reply, label_of) else the_object(text, keys)
        except SeveralObjectsError as problem:
            return Parsed(Status.UNPARSED, reason=str(problem))
        key = next((key for key in keys if data and key in data), None)
        if data is None:
            label = stated_label(reply, label_of)
            if label is None and not (reply.strip() and _ABSTAINS(reply)):
                return UNREADABLE
            data = {}
        elif key is None:
            return UNREADABLE
        else:
            stated = field_text(data[key])
            label = only_label(stated, label_of)
            if isinstance(data[key], bool):
                label = label or only_label(json.dumps(data[key]), label_of)
            if label is None and not _ABSTAINS(stated):
                return UNREADABLE
        status = Status.ANSWERED if label else Status.ABSTAINED
        return Parsed(status, self._answer(label or "", data))

    def _answer(self, label: str, data: Mapping[str, Any]) -> dict[str, str]:
        advice = next((data[key] for key in _RECOMMENDATION_KEYS if key in data), "")
        tags = read_tags(data.get("tags", []))
        own = list(dict.fromkeys(map(self.tag_of, tags or ())))
        return {
            "label": label,
            "reasoning": _text(data.get("reasoning")),
            "tags": "" if tags is None else json.dumps(own, ensure_ascii=False),
            "recommendation": _text(advice),
        }


def read_tags(value: Any) -> list[str] | None:
    """A list of tags, or the text of a JSON list; None for anything else."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return None
    return [field_text(item).strip() for item in value if item.strip()]


def _text(value: Any) -> str:
    return "" if value is None else field_text(value)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
