"""Two files given in the wrong order: answers as the truth, and the truth as answers."""

from __future__ import annotations

from pathlib import Path

from modellab.core.errors import InputError
from modellab.core.io.csv_file import Table
from modellab.core.io.delimited import read_delimited
from modellab.core.text.blank import is_blank
from modellab.tasks.wattbot.task import FLAGS

#: what only a file of true answers has: kinds of evidence, and the halves of a leaderboard
_TRUE = (*FLAGS, "Usage")
#: what only a run knows of its answers
_MADE = ("latency_seconds", "prompt_tokens", "completion_tokens", "confidence", "cost_usd", "raw")
#: what people who look for true answers write down, and models seldom
_EVIDENCE = ("ref_url", "supporting_materials")
_KNOWN = ("id", "question", "answer_value", "ref_id", *_TRUE, *_MADE, *_EVIDENCE)
#: so much larger a share of rows with evidence is worth a word
_MORE = 0.1
_FIRST = "are the files swapped? The truth comes first, and is taken to be"


def read_both(truth: Path, submission: Path) -> tuple[list[Table], list[str]]:
    """Both tables, and what was taken for granted when they were read."""
    read = [(path, read_delimited(path, _KNOWN)) for path in (truth, submission)]
    notes = [f"{path}: {note}" for path, found in read for note in found.notes]
    return [found.table for _, found in read], notes


def refuse_swapped(truth: Path, submission: Path) -> str | None:
    """Raises InputError where one file has what only the other could have.

    Returns what to say where that may be so: more evidence for the answers of the submission than
    for the true ones, or the questions' texts in the submission alone.
    """
    (given, answers), _ = read_both(truth, submission)
    true = [name for name in _TRUE if name in answers.columns]
    made = [name for name in _MADE if name in given.columns and name not in answers.columns]
    more = [_share(answers, name) - _share(given, name) for name in _EVIDENCE]
    signs = []
    if true and not set(_TRUE) & set(given.columns):
        signs.append(f"{submission} has {', '.join(true)}, as true answers have")
    if made:
        signs.append(f"{truth} has {', '.join(made)}, as answers of a model have")
    if _has_evidence(answers) and set(_EVIDENCE) <= set(given.columns) and not _any(given):
        signs.append(f"{submission} names the evidence ({', '.join(_EVIDENCE)}), {truth} nowhere")
    if signs:
        raise InputError(
            f"{'; '.join(signs)}: the two files are swapped. "
            f"The truth comes first: modellab score {submission} {truth}"
        )
    columns = [table.columns for table in (given, answers)]
    if all(name in names for name in _EVIDENCE for names in columns) and max(more) > _MORE:
        return f"more rows of {submission} name their evidence; {_FIRST} {truth}"
    if "question" in answers.columns and "question" not in given.columns:
        return f"only {submission} has the questions' texts; {_FIRST} {truth}"
    return None


def _share(table: Table, name: str) -> float:
    """The share of rows with something in a column, from 0 to 1."""
    filled = sum(not is_blank(row.get(name, "")) for row in table.rows)
    return filled / len(table.rows) if table.rows else 0.0


def _has_evidence(table: Table) -> bool:
    return all(_share(table, name) > 0.5 for name in _EVIDENCE)


def _any(table: Table) -> bool:
    return any(_share(table, name) for name in _EVIDENCE)
