"""Receipts of the CORD data set (Park et al. 2019): one JSON file per picture.

The wanted record is `gt_parse`, unchanged: a menu of one dish may be an object instead of a list,
dishes may have dishes below them, and any part may be missing.
"""

import statistics
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from modellab.core.errors import InputError
from modellab.core.io.encoding import read_utf8
from modellab.core.io.jsonl import TABLE_DECODER, dump_json
from modellab.core.records import Question
from modellab.questions.protocol import QuestionFormat, QuestionsRead

#: the keys that a file of one receipt, or a row of the published tables, keeps the annotation in
_WRAPPERS = ("gt", "ground_truth")
_PICTURES = (".png", ".jpg", ".jpeg")
#: folders of pictures, from the folder of the annotations
_PICTURE_FOLDERS = (".", "../image", "../images")


class CordFormat(QuestionFormat):
    """Receipts in the files of the CORD data set."""

    fields: ClassVar[frozenset[str] | None] = frozenset({"record"})

    kind: Literal["cord"] = Field(description="Receipts as the CORD data set publishes them.")
    show: Literal["pictures", "transcripts"] = Field(
        "pictures",
        description="pictures: if there are any, else transcripts; transcripts: the words of "
        "`valid_line`, for models that read only text",
    )

    @classmethod
    def reads_folder(cls, _path: Path) -> bool:
        return True

    def read_file(self, path: Path) -> QuestionsRead:
        """The receipts of a folder, of one JSON file, or of a JSONL file (a receipt per line).

        A picture has the name of its JSON file, and lies beside it or in a folder `image` beside
        its folder. Raises InputError (file, line) for a receipt without `gt_parse`, and for one
        without picture and words.
        """
        found: dict[str, Question] = {}
        for where, file, name, text in _annotations(path):
            if name in found:
                raise InputError(
                    f"{where}: duplicate receipt {name!r} (first in {found[name].source})"
                )
            annotation = _annotation(where, text)
            record = annotation.get("gt_parse")
            if not isinstance(record, dict) or not record:
                raise InputError(f"{where}: no `gt_parse` with the wanted record")
            pictures = _pictures(file) if self.show == "pictures" else ()
            words = "" if pictures else _transcript(where, annotation)
            if not pictures and not words:
                raise InputError(f"{where}: neither a picture nor words in `valid_line` to read")
            reference = {"record": dump_json(record)}
            found[name] = Question(name, words, {}, reference, (), images=pictures, source=where)
        return QuestionsRead(list(found.values()))


def _transcript(where: str, annotation: Mapping[str, Any]) -> str:
    """The words of a receipt in reading order, a line for each printed row.

    Words with the same `row_id` are in one row; rows go from top to bottom, words from left to
    right, with two spaces between those that were annotated apart.
    """
    rows: dict[Any, list[tuple[float, float, int, str]]] = {}
    try:
        for index, line in enumerate(annotation.get("valid_line", [])):
            for word in line.get("words", []):
                quad = word.get("quad", {})
                corner = float(quad.get("x1", 0)), float(quad.get("y1", 0))
                row = word.get("row_id", f"line {index}")
                rows.setdefault(row, []).append((*corner, index, str(word.get("text", ""))))
    except (AttributeError, TypeError, ValueError):
        raise InputError(
            f"{where}: valid_line: write a list of lines, each with `words` of `text` and `quad`"
        ) from None
    ordered = sorted(rows.values(), key=lambda row: statistics.fmean(word[1] for word in row))
    return "\n".join(map(_line, ordered))


def _line(words: list[tuple[float, float, int, str]]) -> str:
    text, before = "", None
    for _, _, index, word in sorted(words):
        text += word if before is None else (" " if before == index else "  ") + word
        before = index
    return text


def _annotations(path: Path) -> Iterator[tuple[str, Path, str, str]]:
    """Of each receipt its place, its file, its name, and its text."""
    if path.suffix == ".jsonl":
        for number, line in enumerate(read_utf8(path).split("\n"), start=1):
            if line.strip():
                yield f"{path}:{number}", path, f"{path.stem}-{number:04d}", line
        return
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    if not files:
        raise InputError(f"{path}: no receipts; put a JSON file for each into this folder")
    for file in files:
        yield str(file), file, file.stem, read_utf8(file)


def _annotation(where: str, text: str) -> Mapping[str, Any]:
    """The object with `gt_parse`: the file's own, or one inside it, perhaps as text."""
    try:
        data = TABLE_DECODER.decode(text)
        for key in _WRAPPERS:
            if isinstance(data, dict) and key in data:
                inner = data[key]
                data = TABLE_DECODER.decode(inner) if isinstance(inner, str) else inner
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: not valid JSON ({error})") from None
    if not isinstance(data, dict):
        raise InputError(f"{where}: not a receipt; write an object with `gt_parse`")
    return data


def _pictures(file: Path) -> tuple[str, ...]:
    if file.suffix != ".json":
        return ()
    places = (
        file.parent / folder / (file.stem + ending)
        for folder in _PICTURE_FOLDERS
        for ending in _PICTURES
    )
    return tuple(str(place) for place in places if place.is_file())[:1]
