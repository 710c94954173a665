"""Logs of other evaluation programs as rows of answers: lm-eval, inspect, messages.

Source of the formats: lm-evaluation-harness `--log_samples` (a row per document and filter, with
`doc`, `target`, `resps`, `filtered_resps`); inspect_ai's log in JSON, or its `.eval` archive of one
JSON file per sample (with `input`, `target`, `output.choices`, `epoch`).
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from modellab.core.errors import BrokenFileError, InputError
from modellab.core.io.table_file import Row, TableFile

Rows = list[tuple[str, Row]]

_LM_EVAL = frozenset({"doc_id", "doc", "filtered_resps"})
_INSPECT = frozenset({"id", "epoch", "output"})
#: how lm-eval's tasks call the question in their documents
_QUESTIONS = ("question", "query", "input", "prompt", "problem", "text")
#: of an inspect archive: the folder of samples
_SAMPLES = "samples/"


def adapted(file: TableFile) -> tuple[Rows, tuple[str, ...]]:
    """The rows with `id` or `question` and `answer`, and how they were read.

    Any other table stays as it is. Raises InputError (place) for answers that are no texts.
    """
    rows = list(file.rows)
    first = rows[0][1] if rows else {}
    if set(first) >= _LM_EVAL:
        return _lm_eval(rows), ("samples of lm-eval", *file.notes)
    if set(first) >= _INSPECT:
        return _inspect(rows), ("a log of inspect", *file.notes)
    return rows, file.notes


def read_archive(path: Path) -> TableFile:
    """The samples of an inspect log in its archive format. Raises BrokenFileError."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = sorted(n for n in archive.namelist() if n.startswith(_SAMPLES))
            rows = tuple((f"{path}: {name}", json.loads(archive.read(name))) for name in names)
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise BrokenFileError(f"{path}: not a log of inspect ({error})") from None
    if not rows:
        raise InputError(f"{path}: a log of inspect without samples")
    return TableFile(rows)


def _lm_eval(rows: Rows) -> Rows:
    """One row per document, by the first of the filters; ids are those of the document, if any."""
    filters = [row.get("filter") for _, row in rows]
    kept = [one for one in rows if one[1].get("filter") == filters[0]]
    found: Rows = []
    for place, row in kept:
        doc = row["doc"] if isinstance(row["doc"], Mapping) else {}
        answer = _first(row["filtered_resps"])
        if not isinstance(answer, str):
            raise InputError(
                f"{place}: filtered_resps: no text but {type(answer).__name__}; answers that are "
                "chosen by likelihood cannot be scored as texts"
            )
        question = next((doc[name] for name in _QUESTIONS if isinstance(doc.get(name), str)), None)
        name = {"id": doc["id"]} if doc.get("id") is not None else {}
        name |= {"question": question} if question is not None else {}
        found.append((place, {**(name or {"id": row["doc_id"]}), "answer": answer}))
    return found


def _inspect(rows: Rows) -> Rows:
    """One row per sample, of the first epoch."""
    found: Rows = []
    for place, row in rows:
        if row["epoch"] != 1:
            continue
        output = row["output"] or {}
        answer = output.get("completion")
        choices = output.get("choices") or []
        if answer is None and choices:
            answer = _content(choices[0]["message"]["content"])
        question = row.get("input")
        asked = {"question": question} if isinstance(question, str) else {}
        found.append((place, {"id": row["id"], **asked, "answer": answer or ""}))
    return found


def _content(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "".join(str(part.get("text", "")) for part in value if isinstance(part, Mapping))
    return str(value)


def _first(value: Any) -> Any:
    """The first text of lists in lists."""
    while isinstance(value, list) and value and not isinstance(value[0], int | float):
        value = value[0]
    return value
