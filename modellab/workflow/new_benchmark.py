"""The files of a new benchmark: a config of few lines, a Snakefile, and an example to replace."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from modellab.core.errors import InputError
from modellab.questions.fitting_task import fitting_task, names_documents
from modellab.questions.table import TableFormat
from modellab.tasks.label.task import LabelOptions
from modellab.tasks.protocol import TaskOptions

#: what an empty folder gets, to be replaced
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
"""This benchmark by plain `snakemake`; `modellab run` does the same and says more."""

from modellab.core.project import PROJECT


configfile: "config.yaml"


# Model Lab's own workflow. Rules of your own can read what it makes.
module modellab:
    snakefile:
        f"{PROJECT}/Snakefile"
    config:
        config


use rule * from modellab
'''


@dataclass(frozen=True)
class Recognised:
    """A file of questions, as far as a config has to know it."""

    task: TaskOptions
    number: int
    has_references: bool
    columns: str


def write_benchmark(folder: Path, questions: Path | None, documents: Path | None) -> list[Path]:
    """Write what is not there yet; an example where there are neither questions nor documents.

    Returns:
        The files that were written.

    Raises:
        InputError: the folder has a config, or the questions cannot be read.
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
    found = recognise(questions)
    own = {
        config: config_text(folder, questions, documents, found),
        folder / "Snakefile": SNAKEFILE,
        folder / ".gitignore": _IGNORED,
    }
    fresh = {path: text for path, text in own.items() if not path.exists()}
    for path, text in fresh.items():
        _write(path, text)
    return [*files, *fresh]


def recognise(path: Path) -> Recognised:
    """What the reader of tables makes of a file. Raises InputError as it does."""
    read = TableFormat(kind="table").reading(path)
    return Recognised(
        task=fitting_task(path, read),
        number=len(read.questions),
        has_references=any(map(names_documents, read.questions)),
        columns="; ".join(read.notes),
    )


def config_text(folder: Path, questions: Path, documents: Path | None, found: Recognised) -> str:
    """A config with a comment on every choice."""
    name = re.sub(r"[^a-z0-9._-]+", "-", questions.stem.lower()).strip("-._") or "questions"
    lines = [
        "# A benchmark: `modellab run` runs it, `modellab run -n` says what would be done.",
        "# Paths are looked for in the working folder and beside this file. All keys and their",
        "# defaults: `modellab reference`.",
    ]
    if documents is not None:
        lines += [
            "",
            "# Text, Markdown, HTML, PDF, DOCX, ...: a file, or a folder with all its subfolders.",
            "corpora:",
            "  documents:",
            f"    path: {_quoted(_relative(documents, folder))}",
        ]
    lines += ["", "datasets:", f"  {name}:"]
    lines += ["    corpus: documents"] if documents is not None else []
    lines += [f"    # {found.number} questions" + (f": {found.columns}" if found.columns else "")]
    lines += [
        f"    questions: {_quoted(_relative(questions, folder))}",
        "    # others: `columns: {question: ..., answer: ..., references: ...}`",
        "    # open_qa: free text; wattbot: values with units; label: a label; extract: records",
        f"    task: {_task(found)}",
    ]
    if documents is not None:
        lines += ["", *_retrievers(found)]
    return "\n".join([*lines, "", *_MODELS, ""])


_MODELS = (
    "models:",
    "  # Copies sentences out of the passages, without a language model: what to beat.",
    "  words: {provider: extractive, match: words}",
    "  # Language models: take away the `#` of those that you have.",
    "  # llama: {provider: ollama, model: llama3.2:3b}",
    "  # qwen: {provider: transformers, model: Qwen/Qwen2.5-1.5B-Instruct, size_b: 1.5}",
    "  # gpt: {provider: litellm, model: openai/gpt-4o-mini, api_key_env: OPENAI_API_KEY}",
)


def _retrievers(found: Recognised) -> list[str]:
    lines = [
        "# How passages are found; each model answers with each of them.",
        "retrievers:",
        "  bm25: {kind: bm25, top_k: 5}",
    ]
    if found.has_references:
        lines.append(
            "  oracle: {kind: oracle}      # the right documents: what reading alone gives"
        )
    return [*lines, "  none: {kind: none}          # no passages: what a model knows by itself"]


def _task(found: Recognised) -> str:
    if not isinstance(found.task, LabelOptions):
        return found.task.kind
    return f"{{kind: label, labels: [{', '.join(map(_quoted, found.task.labels))}]}}"


def _quoted(text: object) -> str:
    """Text as YAML reads it back as text."""
    import yaml

    return yaml.safe_dump(str(text), width=10**6, allow_unicode=True).splitlines()[0]


def _relative(path: Path, folder: Path) -> str:
    """As the config names it: beside it, or from there."""
    return os.path.relpath(path, folder) if not path.is_absolute() else str(path)


def _table_in(folder: Path) -> Path | None:
    """The only table of a folder, or the one that is called questions."""
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
