"""The leaderboard as a table for the terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from rich.table import Table
from rich.text import Text

from modellab.core.records import NO_ANSWER, ModelScores, Outcome
from modellab.evaluation.compare.entries import components_of, entry_name, retrievers_alone
from modellab.evaluation.compare.verdict import Certainty, Verdict
from modellab.reporting.tables.leaderboard import Cells, in_rounds, leaderboard_frame

MAX_ROWS = 30
#: names longer than this are folded
_NAME = 40
#: characters of a column besides its text
_FRAME = 3


class TextColumn(NamedTuple):
    """A head, which may wrap between words, and the text of each row."""

    head: str
    cell: Callable[[Cells], str]


def leaderboard_table(
    models: Sequence[ModelScores],
    file: Path,
    max_rows: int = MAX_ROWS,
    certainty: Certainty | None = None,
    width: int = 130,
) -> Table:
    """The best `max_rows` contenders, and below lines as many that were beaten early and controls.

    The most important columns come first; those that do not fit into `width` characters are left
    out. A note says what is left out, and that `file` has everything.
    """
    rows = leaderboard_frame(models, certainty).to_dict("records")
    blocks = [[row for row in rows if _block(row) == title] for title in _BLOCKS]
    shown = [block[:max_rows] for block in blocks]
    columns = _columns(models)
    fitting = _fitting(columns, [row for block in shown for row in block], width)
    note = _note(len(rows) - sum(map(len, shown)), len(columns) - len(fitting), file)
    times = any(column.cell is _seconds for column in fitting)
    if times and any(_beside(row) for block in shown for row in block):
        note.append("; *: other work ran on the machine meanwhile")
    heading = Text(f"{models[0].dataset}: leaderboard ({models[0].scorer})")
    table = Table(title=heading, caption=note)
    for column in fitting:
        name = column.head == _SYSTEM
        table.add_column(
            column.head,
            justify="left" if name else "right",
            overflow="fold",
            no_wrap=not name,
        )
    for title, block in zip(_BLOCKS, shown, strict=True):
        if title and block:
            table.add_section()
            table.add_row("", Text(title, style="italic"))
        for row in block:
            table.add_row(*(Text(column.cell(row)) for column in fitting))
    return table


def verdict_lines(verdict: Verdict) -> list[str]:
    """The lines below the table: the verdict, and the bounds set by controls, if any."""
    return [line for line in (verdict.text, verdict.bounds) if line]


_SYSTEM = "system"
_CONTROLS = "controls, not ranked"
_BEATEN = "beaten early: scores of fewer questions, not ranked"
#: the blocks of the table, the contenders without a title
_BLOCKS = ("", _BEATEN, _CONTROLS)


def _block(row: Cells) -> str:
    return _CONTROLS if row["control"] else _BEATEN if row.get("beaten_by") else ""


def _columns(models: Sequence[ModelScores]) -> list[TextColumn]:
    """All columns, the most important first."""
    *others, overall = components_of(models)
    graded = models[0].correct is not None
    outcomes = (Outcome.WRONG, Outcome.DECLINED, Outcome.HALLUCINATED)
    shown = outcomes if graded else outcomes[1:]
    answers = not retrievers_alone(models)
    return [
        TextColumn("#", lambda row: "-" if row["rank"] is None else str(row["rank"])),
        TextColumn(_SYSTEM, lambda row: entry_name(str(row["model"]), str(row["retriever"]))),
        TextColumn(overall.replace("_", " "), partial(_cell, overall)),
        *([TextColumn("asked", partial(_count, "asked"))] if in_rounds(models) else []),
        TextColumn("interval", lambda row: _interval(row["overall_low"], row["overall_high"])),
        *(TextColumn(o.value, partial(_count, o.value)) for o in shown if answers),
        *([TextColumn("no answer", _no_answer)] if answers else []),
        *(TextColumn(name.replace("_", " "), partial(_cell, name)) for name in others),
        TextColumn("seconds", _seconds),
        TextColumn("USD", lambda row: _number(row["cost_usd"], 2)),
    ]


def _fitting(columns: Sequence[TextColumn], rows: Sequence[Cells], width: int) -> list[TextColumn]:
    """The first columns that fit; names may wrap."""
    left, found = width - 1, list[TextColumn]()
    for column in columns:
        cells = [len(column.cell(row)) for row in rows]
        widest = min(max(cells, default=0), _NAME) if column.head == _SYSTEM else max(cells)
        left -= _FRAME + max(widest, len(column.head))
        if left < 0 and len(found) > 2:
            break
        found.append(column)
    return found


def _cell(component: str, row: Cells) -> str:
    return _number(row[component], 3)


def _count(name: str, row: Cells) -> str:
    return str(row[name])


def _no_answer(row: Cells) -> str:
    return str(sum(int(str(row[status.value])) for status in NO_ANSWER))


def _seconds(row: Cells) -> str:
    return _number(row["total_time_seconds"], 1) + ("*" if _beside(row) else "")


def _beside(row: Cells) -> bool:
    """Whether it was timed while other work ran."""
    return row["measured_alone"] is False


def _interval(low: object, high: object) -> str:
    return "-" if low is None or high is None else f"{_number(low, 2)}-{_number(high, 2)}"


def _number(value: object, digits: int) -> str:
    return f"{value:.{digits}f}" if isinstance(value, float | int) else "-"


def _note(rows: int, columns: int, file: Path) -> Text:
    left_out = [
        f"{n} more {what}{'' if n == 1 else 's'}"
        for n, what in ((rows, "row"), (columns, "column"))
        if n > 0
    ]
    return Text(f"{' and '.join(left_out)} in {file}" if left_out else f"All figures: {file}")
