"""Labels: one of a list of labels for a text, with reasons, tags and a recommendation."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
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
from modellab.tasks.canonical import CanonicalAnswer
from modellab.tasks.label.replies import only_label, stated_label
from modellab.tasks.protocol import Parsed, TaskOptions

FIELDS = ("label", "reasoning", "tags", "recommendation")
CANONICAL = CanonicalAnswer("label", FIELDS, explanation="reasoning")
#: keys of the label in replies and other files, besides the configured one
LABEL_KEYS = ("label", "flag", "quality", "answer")
_RECOMMENDATION_KEYS = ("recommendation", "recommendation_email")

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class LabelOptions(TaskOptions):
    """A text in, a label out, with reasons, tags and a recommendation."""

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

    def make(self) -> Label:
        return Label(self)

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
        return None

    def tag_of(self, text: str) -> str:
        """The tag that a text means; the text itself if it is no tag."""
        return next((tag for tag in self.tags if _folded(tag) == _folded(text)), text)


UNREADABLE = Parsed(Status.UNPARSED)
_ABSTAINS = abstention_test(BLANK)


class Label:
    """A prompt may use `text`, `inputs`, `passages`, `labels`, `tags`, `keys`, `instructions`."""

    fields: tuple[str, ...] = FIELDS

    def __init__(self, options: LabelOptions) -> None:
        self._options = options

    @property
    def schema(self) -> Mapping[str, Any]:
        """The reasons come first, so that the label can depend on them."""
        options = self._options
        tags = {"type": "array", "items": {"enum": list(options.tags)}}
        properties: dict[str, Any] = {
            **({"reasoning": {"type": "string"}} if options.reasoning else {}),
            options.label_key: {"enum": list(options.labels)},
            **({"tags": tags} if options.tags else {}),
            **({"recommendation": {"type": "string"}} if options.recommendation else {}),
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
            "labels": self._options.labels,
            "tags": self._options.tags,
            "label_key": self._options.label_key,
            "keys": tuple(self.schema["properties"]),
            "instructions": self._options.instructions,
        }

    def parse(self, text: str) -> Parsed:
        """A label from a JSON object, or one that the reply states in plain text.

        An unknown label is UNPARSED, as are several different objects; an empty one (null) is an
        abstention, as are the usual words for it.
        """
        label_of = self._options.label_of
        reply = without_thoughts(text)
        keys = (self._options.label_key, *LABEL_KEYS)
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
            said = field_text(data[key])
            label = only_label(said, label_of)
            if label is None and not _ABSTAINS(said):
                return UNREADABLE
        status = Status.ANSWERED if label else Status.ABSTAINED
        return Parsed(status, self._answer(label or "", data))

    def _answer(self, label: str, data: Mapping[str, Any]) -> dict[str, str]:
        advice = next((data[key] for key in _RECOMMENDATION_KEYS if key in data), "")
        tags = read_tags(data.get("tags", []))
        return {
            "label": label,
            "reasoning": _text(data.get("reasoning")),
            "tags": "" if tags is None else tags_text(map(self._options.tag_of, tags)),
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


def tags_text(tags: Any) -> str:
    """Tags as the text of a JSON list, each once, in their order."""
    return json.dumps(list(dict.fromkeys(tags)), ensure_ascii=False)


def _text(value: Any) -> str:
    return "" if value is None else field_text(value)


def _folded(text: str) -> str:
    return text.strip().casefold()
