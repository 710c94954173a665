"""The files of a new benchmark: a short config, a Snakefile, and an example to replace."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from modellab.core.errors import InputError
from modellab.questions import selection
from modellab.questions.fitting_task import fitting_task, names_documents
from modellab.questions.table import TableFormat
from modellab.questions.table_columns import FIELDS
from modellab.tasks.label.task import LabelOptions
from modellab.tasks.protocol import TaskOptions

#: written into an empty folder
EXAMPLE_QUESTIONS = """\
question,answer,source
How many desks are in the office?,24,office
Who waters the plants?,Nobody,office
"""
EXAMPLE_DOCUMENT = """\
# The office

There are 24 desks in the office. Nobody waters the plants. The coffee machine is on the second
floor, and the keys are at the reception.
"""
_TABLES = (".csv", ".tsv", ".jsonl", ".json", ".parquet", ".xlsx")
_IGNORED = "/results/\n/.snakemake/\n/.env\n"
SNAKEFILE = '''\
"""This benchmark for plain `snakemake`; `modellab run` does the same with less output."""

from modellab.core.project import PROJECT


configfile: "config.yaml"


# Model Lab's workflow. Your own rules can use its outputs.
module modellab:
    snakefile:
        f"{PROJECT}/Snakefile"
    config:
        config


use rule * from modellab
'''


@dataclass(frozen=True)
class Recognised:
    """What a config needs to know about a question file."""

    task: TaskOptions
    number: int
    has_references: bool
    notes: str
    columns: Mapping[str, str] = field(default_factory=dict)


def write_benchmark(
    folder: Path,
    questions: Path | None,
    documents: Path | None,
    columns: Mapping[str, str] | None = None,
) -> list[Path]:
    """Write the missing files; an example if there are neither questions nor documents.

    Args:
        folder: is created if it does not exist.
        questions: default: the only table in the folder, or the one called `questions`.
        documents: default: the folder `documents`, `docs`, `corpus` or `notes`.
        columns: by field of a question, the name of its column in `questions`.

    Returns:
        The files that were written.

    Raises:
        InputError: the folder has a config, or the questions cannot be used.
    """
    config = folder / "config.yaml"
    if config.exists():
        raise InputError(f"{config}: exists; init writes only where there is none")
    for named in (questions, documents):
        if named is not None and not named.exists():
            raise InputError(f"{named}: no such file or folder")
    questions = questions or _table_in(folder)
    documents = documents or _documents_in(folder)
    files: dict[Path, str] = {}
    if questions is None:
        questions = folder / "questions.csv"
        files[questions] = EXAMPLE_QUESTIONS
        if documents is None:
            documents = folder / "documents"
            files[documents / "office.md"] = EXAMPLE_DOCUMENT
    for path, text in files.items():
        _write(path, text)
    found = recognise(questions, columns or {})
    own = {
        config: config_text(folder, questions, documents, found),
        folder / "Snakefile": SNAKEFILE,
        folder / ".gitignore": _IGNORED,
    }
    fresh = {path: text for path, text in own.items() if not path.exists()}
    for path, text in fresh.items():
        _write(path, text)
    return [*files, *fresh]


def recognise(path: Path, columns: Mapping[str, str]) -> Recognised:
    """Read a question file as a run would. Raises InputError for questions that it would refuse."""
    unknown = sorted(set(columns) - set(FIELDS))
    if unknown:
        raise InputError(f"--columns: unknown field '{unknown[0]}' (known: {', '.join(FIELDS)})")
    read = TableFormat.model_validate({"kind": "table", "columns": columns}).reading(path)
    task = fitting_task(path, read)
    selection.chosen(str(path), list(read.questions), task, split=None, limit=None)
    return Recognised(
        task=task,
        number=len(read.questions),
        has_references=any(map(names_documents, read.questions)),
        notes="; ".join(read.notes),
        columns=columns,
    )


def config_text(folder: Path, questions: Path, documents: Path | None, found: Recognised) -> str:
    """A commented config."""
    name = re.sub(r"[^a-z0-9._-]+", "-", questions.stem.lower()).strip("-._") or "questions"
    lines = [
        "# Run with `modellab run`; `modellab run -n` is a dry run. Paths are relative to the",
        "# working folder or to this file. `modellab reference` lists all keys and their defaults.",
    ]
    if documents is not None:
        lines += [
            "",
            "# Text, Markdown, HTML, PDF, DOCX, ...: a file, or a folder including its subfolders.",
            "corpora:",
            "  documents:",
            f"    path: {_quoted(_relative(documents, folder))}",
        ]
    lines += ["", "datasets:", f"  {name}:"]
    lines += ["    corpus: documents"] if documents is not None else []
    lines += [f"    # {found.number} questions" + (f": {found.notes}" if found.notes else "")]
    lines += [f"    questions: {_quoted(_relative(questions, folder))}"]
    if found.columns:
        named = (f"{name}: {_quoted(column)}" for name, column in found.columns.items())
        lines.append(f"    columns: {{{', '.join(named)}}}")
    else:
        lines.append(
            "    # other columns: `columns: {question: ..., answer: ..., references: ...}`"
        )
    lines += [
        "    # open_qa: free text; wattbot: values with units; label: a label; extract: records",
        f"    task: {_task(found)}",
    ]
    if documents is not None:
        lines += ["", *_retrievers(found)]
    return "\n".join([*lines, "", *_MODELS, ""])


_MODELS = (
    "models:",
    "  # A baseline without a language model: copies sentences from the passages.",
    "  words: {provider: extractive, match: words}",
    "  # Language models: remove the `#` in front of those that you have.",
    "  # llama: {provider: ollama, model: llama3.2:3b}",
    "  # qwen: {provider: transformers, model: Qwen/Qwen2.5-1.5B-Instruct, size_b: 1.5}",
    "  # gpt: {provider: openai, model: gpt-4o-mini, api_key_env: OPENAI_API_KEY}",
)


def _retrievers(found: Recognised) -> list[str]:
    lines = [
        "# How passages are found; each model answers with each retriever.",
        "retrievers:",
        "  bm25: {kind: bm25, top_k: 5}",
    ]
    if found.has_references:
        lines.append("  oracle: {kind: oracle}      # the reference documents: perfect retrieval")
    return [*lines, "  none: {kind: none}          # no passages: closed book"]


def _task(found: Recognised) -> str:
    if not isinstance(found.task, LabelOptions):
        return found.task.kind
    return f"{{kind: label, labels: [{', '.join(map(_quoted, found.task.labels))}]}}"


def _quoted(text: object) -> str:
    """Text quoted for YAML if necessary."""
    import yaml

    return yaml.safe_dump(str(text), width=10**6, allow_unicode=True).splitlines()[0]


def _relative(path: Path, folder: Path) -> str:
    """The path as written in a config in `folder`."""
    return os.path.relpath(path, folder) if not path.is_absolute() else str(path)


def _table_in(folder: Path) -> Path | None:
    """The only table in a folder, or the one called questions."""
    tables = sorted(path for path in folder.glob("*") if path.suffix.lower() in _TABLES)
    named = [path for path in tables if path.stem.lower() == "questions"] or tables
    if len(named) > 1:
        listed = ", ".join(path.name for path in named)
        raise InputError(f"{folder}: several tables ({listed}); say which: --from FILE")
    return named[0] if named else None


def _documents_in(folder: Path) -> Path | None:
    found = (folder / name for name in ("documents", "docs", "corpus", "notes"))
    return next((path for path in found if path.is_dir()), None)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
