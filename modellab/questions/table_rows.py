"""From a row of a table, its columns recognised, to a question."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modellab.core.errors import InputError
from modellab.core.io.columns import plain_name
from modellab.core.io.jsonl import dump_json, without_exponents
from modellab.core.io.table_file import Row, cell_text
from modellab.core.records import Question, Relevance
from modellab.core.text.blank import is_blank
from modellab.core.text.json_reading import field_text, with_unit, written_value
from modellab.core.values.ids import read_ids
from modellab.questions.messages import is_conversation, last_question
from modellab.questions.table_columns import ANSWERABLE

TRUE = ("1", "1.0", "true", "t", "yes", "y")
_FALSE = ("", "0", "0.0", "false", "f", "no", "n")
#: what a question may be if it has an answer (MTRAG)
_ANSWERABLE = ("answerable", "partial", "conversational")
#: keys of a map that contain its text or texts
_TEXT_KEYS = (
    *("text", "texts", "spans", "contexts", "value", "answer", "answer_text"),
    *("entity_name", "answer_argument"),
)
#: how the names of columns of several texts end
PLURALS = ("answers", "truths", "alternatives", "aliases", "synonyms")
#: between right answers in evaluation sets of Amazon SageMaker
_OR = "<OR>"
#: the most words of answers between semicolons
_SHORT = 6
#: between the items of an array that numpy wrote, without commas
_NUMPY = re.compile(r"(?<=['\"])\s+(?=['\"])")
#: other right answers beside a truth value
_YES_NO = {"true": "yes", "false": "no"}
#: the start of each document of a context
_NUMBERED = re.compile(r"(?:^|\n\n)Document \d+: ")
#: a longer text is no tag
_LONGEST_TAG = 80


@dataclass(frozen=True)
class TableRow:
    """A row, its place, and by field the column that holds it.

    `separator` is between several right answers in a cell; None: a bar or semicolon in columns with
    a plural name.
    """

    place: str
    cells: Row
    columns: Mapping[str, str]
    separator: str | None = None

    def value(self, field: str) -> Any:
        return self.cells.get(self.columns.get(field, ""))

    def one(self, field: str) -> str:
        """The text of a field, empty if missing. Raises InputError for a list or map."""
        return cell_text(self._where(field), self._no_map(field))

    def _no_map(self, field: str) -> Any:
        value = _text_of(self.value(field))
        if isinstance(value, Mapping) and field == "answer" and len(value) == 1:
            (only,) = value.values()
            value = only if isinstance(only, str) else value
        if isinstance(value, Mapping):
            column = self.columns[field]
            raise InputError(
                f"{self._where(field)}: a map with {', '.join(map(str, value)) or 'no key'}; say "
                f"which is the {field}: `columns: {{{field}: {column}.{next(iter(value), 'key')}}}`"
            )
        return value

    def several(self, field: str) -> tuple[str, ...]:
        name = self.columns.get(field, "").casefold()
        texts = self._texts(field, name.endswith(PLURALS))
        # an answer must hold all facts that are expected of it (MLflow)
        return ("\n".join(texts),) if texts and name.endswith("expected_facts") else texts

    def _texts(self, field: str, plural: bool) -> tuple[str, ...]:
        separator = self.separator if "answer" in field else None
        return cell_texts(self._where(field), self._no_map(field), plural, separator)

    def ids(self, field: str) -> tuple[str, ...]:
        cells = self.value(field)
        names = read_ids(cells) if isinstance(cells, str) else self._texts(field, True)
        return tuple(name for name in names if not is_blank(name))

    def mapping(self, field: str) -> dict[str, Any]:
        """A map of the row, perhaps written as JSON."""
        value = self.value(field)
        if isinstance(value, str) and value.strip().startswith("{"):
            try:
                value = json.loads(value)
            except ValueError as error:
                raise InputError(f"{self._where(field)}: not valid JSON ({error})") from None
        if value is None or value == "":
            return {}
        if not isinstance(value, Mapping):
            raise InputError(f"{self._where(field)}: must be a map, not {type(value).__name__}")
        return {str(key): inner for key, inner in value.items() if inner is not None}

    def reference(self) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The fields of the reference, and the right answers.

        A column `reference` is a map in this project's own rows, else the text of the right answer.
        """
        given, answer = self.value("reference"), self.value("answer")
        if isinstance(answer, Mapping) and self.columns["answer"].casefold() == "reference":
            return {str(key): value for key, value in answer.items() if value is not None}, ()
        if isinstance(given, str) and not given.lstrip().startswith("{"):
            return {}, (*self.several("reference"), *self.several("answer"))
        return self.mapping("reference"), self.several("answer")

    def _where(self, field: str) -> str:
        name = self.columns.get(field)
        return f"{self.place}: {name}" if name else self.place


def question_of(
    row: TableRow,
    number: int,
    tags: Sequence[str] = (),
    folder: Path = Path(),
    text_needed: bool = True,
) -> Question:
    """The question of a row; without an id, its id is the `number` of the row.

    `tags` are columns whose cells become tags; paths of images are relative to `folder`. Raises
    InputError (place, column) for an empty question or id, and for a cell of the wrong type.
    """
    text, history = _asked(row)
    images = tuple(str(folder / image) for image in row.several("images"))
    if text_needed and not (text.strip() or images or {"label", "record"} & set(row.columns)):
        raise InputError(f"{row.place}: the question is empty; write its text or drop the row")
    name = row.one("id").strip()
    if "id" in row.columns and not name and row.value("id") is not None:
        raise InputError(f"{row.place}: the id is empty; give each question a unique id")
    reference, others, empty = _reference(row)
    unit = {"answer_unit": row.one("answer_unit")} if "answer_unit" in row.columns else {}
    inputs = {key: _written(value) for key, value in row.mapping("inputs").items()}
    return Question(
        id=name or str(number),
        text=text,
        inputs={**unit, **inputs, **({"history": history} if history else {})},
        reference=reference,
        references=(),
        tags=tuple(dict.fromkeys(_tags(row, tags))),
        images=images,
        relevance=Relevance(
            (*row.ids("references"), *row.ids("chunks")),
            _each_url(row.ids("urls")),
            _each_document(row.several("contexts")),
            excluded=row.ids("excluded"),
        ),
        source=row.place,
        unanswerable=empty or _is_unanswerable(row),
        other_answers=others,
    )


def _each_url(cells: Sequence[str]) -> tuple[str, ...]:
    """URLs, also of a cell with several, with commas or spaces between."""
    return tuple(url for cell in cells for url in re.split(r"[,;\s]+(?=https?://)", cell.strip()))


def _each_document(texts: Sequence[str]) -> tuple[str, ...]:
    """Texts, also of a cell with several numbered ones, as Giskard writes them."""
    parts = (part.strip() for text in texts for part in _NUMBERED.split(text))
    return tuple(filter(None, parts)) if any(map(_NUMBERED.match, texts)) else tuple(texts)


def _asked(row: TableRow) -> tuple[str, str]:
    """The question, and earlier messages if it is the last of a conversation."""
    value, before = row.value("question"), row.value("history") or ""
    if is_conversation(value):
        return last_question(f"{row.place}: {row.columns['question']}", value)
    if is_conversation(before):
        _, history = last_question(row.place, [*before, {"role": "user", "content": "?"}])
        return row.one("question"), history
    if _is_texts(before):
        said = (f"{('user', 'assistant')[at % 2]}: {text}" for at, text in enumerate(before))
        return row.one("question"), "\n".join(said)
    return row.one("question"), row.one("history") if before else ""


def _reference(row: TableRow) -> tuple[dict[str, str], tuple[str, ...], bool]:
    """The reference, other right answers, and whether an empty list says that none exists."""
    given, answers = row.reference()
    reference = {key: _written(value) for key, value in given.items()}
    for field in ("answer", "other_answers"):
        if _has_blank(row.value(field)):
            raise InputError(f"{row.place}: one of the right answers is empty; leave it out")
    listed = given.get("answer") if _is_texts(given.get("answer")) else []
    answers, others = answers or tuple(listed or ()), row.several("other_answers")
    if not given and row.value("answer") is None:
        answers, others = others, ()
    if len(answers) == 1 and answers[0].strip().lower() in _YES_NO:
        others = (*others, _YES_NO[answers[0].strip().lower()])
    empty = not answers and any(
        _is_empty_list(row.value(field)) for field in ("answer", "other_answers")
    )
    if answers:
        first, others = first_and_others(row.place, (*answers, *others))
        reference.update(first)
    elif not empty and not given and row.value("answer") is not None:
        reference.setdefault("answer", "")
    for field in ("answer_value", "answer_unit"):
        if row.value(field) is not None:
            reference[field] = row.one(field)
    if row.value("label") is not None:
        reference["label"] = _label(row)
    if row.value("tags") is not None:
        reference["tags"] = _label_tags(row.value("tags"))
    if row.value("record") is not None:
        reference["record"] = _written(row.value("record"))
    return reference, others, empty


def _label(row: TableRow) -> str:
    """The label of a row, which may be in a list, as Doccano writes it."""
    value = row.value("label")
    if not isinstance(value, list):
        return row.one("label").strip()
    if len(value) == 1 and isinstance(value[0], str | int):
        return str(value[0]).strip()
    column = row.columns["label"]
    raise InputError(
        f"{row.place}: {column}: {len(value)} labels; settle which one is right. Several labels of "
        f"a text are tags (`columns: {{tags: {column}}}`), and spans have no task"
    )


def _tags(row: TableRow, columns: Sequence[str]) -> Iterator[str]:
    for name in columns:
        for tag in cell_texts(f"{row.place}: {name}", row.cells.get(name)):
            if 0 < len(tag.strip()) <= _LONGEST_TAG:
                yield tag.strip()


def _label_tags(value: Any) -> str:
    """The true tags of a text as a JSON list; a cell may separate them by `;`."""
    if isinstance(value, str) and not value.strip().startswith("["):
        return dump_json([name.strip() for name in value.split(";") if name.strip()])
    return value if isinstance(value, str) else dump_json(value)


def _written(value: Any) -> str:
    """Text unchanged, anything else as JSON: a record keeps its types."""
    value = without_exponents(value) if isinstance(value, float) else value
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def cell_texts(
    place: str, value: Any, plural: bool = False, separator: str | None = None
) -> tuple[str, ...]:
    """The texts of a cell: a list (also of lists), one written as JSON or Python, or one text.

    Of maps like SQuAD's `{"text": [...]}` the text is used. A written list with a number in it is
    one text, as is a list of numbers unless the column is `plural`: [80,90] is one answer. A text
    is split at `separator`; without one at <OR>, and in a plural column at bars, or at semicolons
    between short texts (a column `Answers` may hold sentences).
    """
    value = _text_of(value)
    if isinstance(value, str):
        written = written_list(value)
        if written is None:
            between = separator or _separator(value, plural)
            written = [one.strip() for one in value.split(between)] if between else None
        value = value if written is None else written
    value = (None if plural else list_of_numbers(value)) or value
    items = [_text_of(item) for item in value] if isinstance(value, list | tuple) else [value]
    flat = [one for item in items for one in (item if isinstance(item, list) else [item])]
    return tuple(text for item in flat if (text := cell_text(place, item)).strip())


def _separator(text: str, plural: bool) -> str | None:
    """What separates several answers in a text."""
    if _OR in text or not plural:
        return _OR if _OR in text else None
    if "|" in text:
        return "|"
    short = all(len(one.split()) <= _SHORT for one in text.split(";"))
    return ";" if ";" in text and short else None


def _text_of(item: Any) -> Any:
    """The text of a map, as in SQuAD and DROP; a value and its unit; an answer and its aliases."""
    item = with_unit(item)
    if not isinstance(item, Mapping):
        return item
    plain = {str(name).casefold(): value for name, value in item.items()}
    text = next((plain[name] for name in _TEXT_KEYS if name in plain), item)
    aliases = plain.get("aliases")
    return [text, *aliases] if isinstance(text, str) and isinstance(aliases, list) else text


def written_list(text: str) -> list[str] | None:
    """The texts of a list as JSON, Python or numpy write it; else None."""
    if not (text.strip().startswith("[") and text.strip().endswith("]")):
        return None
    found = written_value(_NUMPY.sub(", ", text.strip()))
    return list(found) if _is_texts(found) else None


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _has_blank(value: Any) -> bool:
    """Whether one of several texts is empty."""
    items = value if isinstance(value, list) and len(value) > 1 else []
    return any(isinstance(item, str) and not item.strip() for item in items)


def _is_empty_list(value: Any) -> bool:
    if isinstance(value, Mapping):
        value = value.get("text")
    return value == [] or (isinstance(value, str) and value.strip() == "[]")


def _is_unanswerable(row: TableRow) -> bool:
    text = ", ".join(row.several("unanswerable"))
    plain, column = text.strip().lower(), row.columns.get("unanswerable", "unanswerable")
    plain = {"unanswerable": "false", **dict.fromkeys(_ANSWERABLE, "true")}.get(plain, plain)
    if plain not in (*TRUE, *_FALSE):
        raise InputError(f"{row.place}: {column} is {text!r}; write true or false")
    return bool(plain) and (plain in TRUE) != (plain_name(column) in ANSWERABLE)


def first_and_others(place: str, answers: Sequence[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The first right answer as a field of a question's `reference`, and the others, each once.

    Without any, the question is unanswerable. Raises InputError (place) if one of several is empty.
    """
    if len(answers) > 1 and not all(answer.strip() for answer in answers):
        raise InputError(f"{place}: one of the right answers is empty; leave it out")
    distinct = tuple(dict.fromkeys(answers))
    return ({"answer": distinct[0]} if distinct else {}), distinct[1:]


def list_of_numbers(value: Any) -> str | None:
    """A list of several numbers as one answer: a range, or a list of values; else None."""
    if not isinstance(value, list) or len(value) < 2:
        return None
    if not all(isinstance(item, int | float) and not isinstance(item, bool) for item in value):
        return None
    return f"[{', '.join(map(field_text, value))}]"
