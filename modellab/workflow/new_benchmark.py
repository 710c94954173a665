"""The files of a new benchmark: a short config, a Snakefile, and an example to replace."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modellab.config.loading import slug
from modellab.core.errors import InputError
from modellab.core.io.table_file import ENDINGS
from modellab.core.project import PROJECT
from modellab.questions import selection
from modellab.questions.selection import fitting_task, names_documents
from modellab.questions.table import TableFormat
from modellab.questions.table_columns import FIELDS

_TEMPLATES = PROJECT / "resources" / "new-benchmark"


def write_benchmark(
    folder: Path,
    questions: Path | None,
    documents: Path | None,
    columns: Mapping[str, str] | None = None,
) -> list[Path]:
    """Write the missing files; an example if there are neither questions nor documents.

    Args:
        folder: The folder, which is created if it does not exist.
        questions: Default: the only table in the folder, or the one called `questions`.
        documents: Default: the folder `documents`, `docs`, `corpus` or `notes`.
        columns: The columns of `questions` by the field of a question.

    Returns:
        The written files.

    Raises:
        InputError: The folder has a config, or the questions are invalid.
    """
    config = folder / "config.yaml"
    if config.exists():
        raise InputError(f"{config}: exists; init writes only where there is none")
    for named in (questions, documents):
        if named is not None and not named.exists():
            raise InputError(f"{named}: no such file or folder")
    questions = questions or _table_in(folder)
    usual = (folder / name for name in ("documents", "docs", "corpus", "notes"))
    documents = documents or next((path for path in usual if path.is_dir()), None)
    files: dict[Path, str] = {}
    if questions is None:
        questions = folder / "questions.csv"
        files[questions] = _template("example/questions.csv")
        if documents is None:
            documents = folder / "documents"
            files[documents / "office.md"] = _template("example/documents/office.md")
    _write(files)
    text = _config(folder, questions, documents, columns or {})
    own = {
        config: text,
        folder / "Snakefile": _template("Snakefile"),
        folder / ".gitignore": _template("gitignore"),
    }
    missing = {path: text for path, text in own.items() if not path.exists()}
    _write(missing)
    return [*files, *missing]


def _config(
    folder: Path, questions: Path, documents: Path | None, columns: Mapping[str, str]
) -> str:
    """The config for these files. Raises InputError as a run would."""
    from jinja2 import Environment, StrictUndefined

    unknown = sorted(set(columns) - set(FIELDS))
    if unknown:
        raise InputError(f"--columns: unknown field '{unknown[0]}' (known: {', '.join(FIELDS)})")
    read = TableFormat.model_validate({"kind": "table", "columns": columns}).read_file(questions)
    task = fitting_task(questions, read)
    selection.chosen(str(questions), list(read.questions), task, split=None, limit=None)
    options: dict[str, Any] = {"trim_blocks": True, "keep_trailing_newline": True}
    templates = Environment(undefined=StrictUndefined, autoescape=False, **options)  # noqa: S701
    templates.filters["quoted"] = _quoted
    return templates.from_string(_template("config.yaml.jinja")).render(
        name=slug(questions.stem) or "questions",
        documents=documents and _relative(documents, folder),
        questions=_relative(questions, folder),
        number=len(read.questions),
        notes="; ".join(read.notes),
        columns=columns,
        task=task.kind,
        labels=getattr(task, "labels", ()),
        has_references=any(map(names_documents, read.questions)),
    )


def _quoted(text: str) -> str:
    """Text quoted for YAML if necessary."""
    import yaml

    return yaml.safe_dump(text, width=10**6, allow_unicode=True).splitlines()[0]


def _relative(path: Path, folder: Path) -> str:
    """The path as written in a config in `folder`."""
    return os.path.relpath(path, folder) if not path.is_absolute() else str(path)


def _table_in(folder: Path) -> Path | None:
    """The only table in a folder, or the one called questions."""
    tables = sorted(path for path in folder.glob("*") if path.suffix.lower() in ENDINGS)
    named = [path for path in tables if path.stem.lower() == "questions"] or tables
    if len(named) > 1:
        listed = ", ".join(path.name for path in named)
        raise InputError(f"{folder}: several tables ({listed}); say which: --from FILE")
    return named[0] if named else None


def _template(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _write(files: Mapping[Path, str]) -> None:
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
