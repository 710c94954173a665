"""The `extractive` provider: a baseline that copies its answer out of the passages.

It chooses sentences by word overlap, and has no weights and no randomness.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Literal

from pydantic import Field, PositiveInt

from modellab.core.records import Passage, Question, Request
from modellab.core.text.blank import BLANK, is_blank
from modellab.core.text.json_reading import field_text
from modellab.core.text.sentences import sentence_spans
from modellab.core.values.digits import NUMBER, read_number
from modellab.core.values.units import MAGNITUDES, read_unit
from modellab.models.generators.baseline import BaselineOptions

_WORD = re.compile(r"\w+(?:[-.]\w+)*")
_NAME = re.compile(r"\b[A-Z][\w.]*(?:[- ](?:[A-Z0-9][\w.]*))*")
_CLAIM = re.compile(r"^\s*(?:true or false|is|are|was|were|do|does|did|has|have|had|can)\b", re.I)
_STOPWORDS = frozenset(
    {
        *("a", "an", "and", "are", "as", "at", "be", "been", "by", "can", "did", "do", "does"),
        *("for", "from", "had", "has", "have", "how", "in", "is", "it", "its", "many", "much"),
        *("of", "on", "or", "per", "than", "that", "the", "their", "these", "this", "to", "was"),
        *("were", "what", "when", "where", "which", "who", "why", "with"),
        *("true", "false", "according"),
    }
)
#: a word of the title identifies the document, not the sentence
_TITLE_SHARE = 0.5


@dataclass(frozen=True)
class Sentence:
    """A sentence, its passage, and its words."""

    text: str
    passage: Passage
    words: frozenset[str]
    title_words: frozenset[str]


@dataclass(frozen=True)
class SentenceReader:
    """Chooses sentences by the share of the question's words that they hold, from 0 to 1."""

    rare_words: bool
    read_units: bool
    threshold: float
    depth: int

    def read(self, question: Question, passages: Sequence[Passage]) -> dict[str, Any]:
        """The fields of an answer; `is_blank` where no sentence matches well enough."""
        unit = question.inputs.get("answer_unit", BLANK)
        for sentence in self._best_sentences(question, passages):
            value = self._value(question.text, unit, sentence)
            if value is not None:
                return {
                    "answer": value if is_blank(unit) else f"{value} {unit}",
                    "answer_value": value,
                    "answer_unit": unit,
                    "ref_id": [sentence.passage.document_id],
                    "explanation": sentence.text,
                }
        return {
            "answer": BLANK,
            "answer_value": BLANK,
            "answer_unit": unit,
            "ref_id": BLANK,
            "explanation": "no sentence of the passages matches the question",
        }

    def read_sentence(self, question: Question, passages: Sequence[Passage]) -> dict[str, Any]:
        """The sentence that matches best as the answer; `is_blank` where none does."""
        best = self._best_sentences(question, passages)
        return {"answer": best[0].text if best else BLANK}

    def _best_sentences(self, question: Question, passages: Sequence[Passage]) -> list[Sentence]:
        sentences = [s for passage in passages for s in _sentences(passage)]
        wanted = content_words(question.text)
        weights = _weights(wanted, sentences, self.rare_words)
        scored = [(_share(weights, sentence), sentence) for sentence in sentences]
        usable = [pair for pair in scored if pair[0] >= self.threshold]
        usable.sort(key=lambda pair: -pair[0])
        return [sentence for _, sentence in usable[: self.depth]]

    def _value(self, question: str, unit: str, sentence: Sentence) -> str | None:
        if is_blank(unit) and not _CLAIM.match(question):
            return _name(question, sentence.text)
        asked = {quantity.low for quantity in find_quantities(question)}
        stated = find_quantities(sentence.text)
        if is_blank(unit):
            return "1" if asked <= {quantity.low for quantity in stated} else "0"
        new = [quantity for quantity in stated if quantity.low not in asked]
        with_unit = [quantity for quantity in new if has_unit(quantity, unit)]
        if with_unit:
            return with_unit[0].text()
        if self.read_units or not new:
            return None
        # prefer a number that is not a year
        years = [q for q in new if 1900 <= q.low <= 2100 and q.low == int(q.low)]
        return next((q for q in new if q not in years), new[0]).text()


def content_words(text: str) -> frozenset[str]:
    """Lower-case words without stop words; a plural counts as its singular."""
    words = (word.lower() for word in _WORD.findall(text))
    return frozenset(_singular(word) for word in words if word not in _STOPWORDS)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _sentences(passage: Passage) -> list[Sentence]:
    title = content_words(passage.title)
    texts = [passage.text[span.start : span.end] for span in sentence_spans(passage.text)]
    return [Sentence(text, passage, content_words(text), title) for text in texts]


def _weights(
    wanted: frozenset[str], sentences: Sequence[Sentence], rare_words: bool
) -> dict[str, float]:
    if not rare_words:
        return dict.fromkeys(sorted(wanted), 1.0)
    counts = Counter(word for sentence in sentences for word in sentence.words & wanted)
    return {w: math.log((1 + len(sentences)) / (1 + counts[w])) + 0.1 for w in sorted(wanted)}


def _share(weights: dict[str, float], sentence: Sentence) -> float:
    total = math.fsum(weights.values())
    held = math.fsum(
        weight * (1.0 if word in sentence.words else _TITLE_SHARE)
        for word, weight in weights.items()
        if word in sentence.words or word in sentence.title_words
    )
    return held / total if total else 0.0


def _name(question: str, sentence: str) -> str | None:
    asked = content_words(question)
    for match in _NAME.finditer(sentence):
        name = match.group().rstrip(".")
        words = content_words(name)
        is_unit = sentence[: match.start()].rstrip()[-1:].isdigit()
        if words and not words & asked and not is_unit:
            return name
    return None


class ExtractiveOptions(BaselineOptions):
    """A reader without weights: the best sentence, then the wanted number or name in it.

    For tasks that do not ask for a value the answer is the sentence.
    """

    version: ClassVar[int] = 3

    provider: Literal["extractive"]
    match: Literal["words", "rare-words"] = Field(
        "rare-words", description="whether words that few sentences hold count more in a match"
    )
    read_units: bool = Field(
        True, description="whether a number needs the wanted unit to be an answer"
    )
    threshold: float = Field(
        0.3, ge=0, le=1, description="the share of the question a sentence must match to be used"
    )
    depth: PositiveInt = Field(3, description="how many sentences are tried, best first")

    def model_id(self) -> str:
        return f"extractive/{self.match}{'+units' if self.read_units else ''}"

    def constrained(self) -> bool:
        """The fields that the task wants decide whether a value or a sentence is given."""
        return True

    def fields(self, request: Request, answer_schema: Mapping[str, Any]) -> dict[str, Any]:
        reader = SentenceReader(
            self.match == "rare-words", self.read_units, self.threshold, self.depth
        )
        wants_value = "answer_value" in answer_schema.get("properties", {"answer_value": {}})
        read = reader.read if wants_value else reader.read_sentence
        return read(request.question, request.passages)


_QUANTITY = re.compile(
    rf"(?<![\w.,-])(?P<low>{NUMBER})"
    rf"(?:\s*(?:%|percent)?\s*(?:to|and|-|\u2013|\u2014)\s*(?P<high>{NUMBER}))?"
    r"(?:\s*(?P<magnitude>thousand|million|billion|trillion))?"
    r"(?=(?P<after>[^.;,()]{0,40}))",
    re.IGNORECASE,
)
#: number of characters before a number that may name its unit ("a PUE of 1.1")
_WORDS_BEFORE = 40


@dataclass(frozen=True)
class _Quantity:
    """A number, or a range of two, with the words around it."""

    low: float
    high: float | None
    before: str
    after: str

    def text(self) -> str:
        """As an answer value: `12.5`, or `[80,90]`."""
        if self.high is None:
            return field_text(self.low)
        return f"[{field_text(self.low)},{field_text(self.high)}]"


def find_quantities(sentence: str) -> list[_Quantity]:
    """All numbers and ranges of a sentence, in order. A range must rise from low to high."""
    found = []
    for match in _QUANTITY.finditer(sentence):
        scale = MAGNITUDES[match["magnitude"].lower()] if match["magnitude"] else 1
        numbers = [read_number(match[end] or "", "point") for end in ("low", "high") if match[end]]
        if not numbers or None in numbers:
            continue
        low, *above = [float(Fraction(number) * scale) for number in numbers if number is not None]
        high = above[0] if above and above[0] > low else None
        before = sentence[max(0, match.start() - _WORDS_BEFORE) : match.start()]
        found.append(_Quantity(low, high, before, match["after"].strip()))
    return found


def has_unit(quantity: _Quantity, unit: str) -> bool:
    """Whether the words around a number name the unit, or one of its spellings follows it."""
    wanted, following = unit.strip().lower(), quantity.after.split()
    if not wanted:
        return False
    spellings = (" ".join(following[:1]), " ".join(following[:2]))
    # of `litres per kWh` the litres are enough
    units = (unit.strip(), unit.split()[0])
    return (
        wanted in quantity.after.lower()
        or wanted in quantity.before.lower().split()
        or spellings[0].lower().removesuffix("s") == wanted.removesuffix("s")
        or any(_same_unit(spelling, one) for spelling in spellings for one in units)
    )


def _same_unit(found: str, wanted: str) -> bool:
    """Whether two spellings are one known unit; tonnes of anything are tonnes."""
    one, other = read_unit(found), read_unit(wanted)
    names = {unit.name.split(" ")[0] for unit in (one, other)}
    return one.known and one.scale == other.scale and len(names) == 1 and "" not in names
