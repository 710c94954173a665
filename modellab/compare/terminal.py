"""The leaderboard as a table for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.table import Table
from rich.text import Text

from modellab.compare.certainty import Certainty
from modellab.compare.entries import components_of
from modellab.compare.leaderboard import Cells, leaderboard_rows
from modellab.compare.verdict import Verdict
from modellab.records import NO_ANSWER, ModelScores

MAX_ROWS = 30
#: so many components fit beside the other columns of a terminal
MAX_COMPONENTS = 7


def leaderboard_table(
    models: Sequence[ModelScores],
    file: Path,
    max_rows: int = MAX_ROWS,
    certainty: Certainty | None = None,
) -> Table:
    """The best `max_rows` contenders, and below a line as many of the controls, best first.

    A note says how many are left out and that `file` has them all.
    """
    components = _fitting(components_of(models))
    rows = leaderboard_rows(models, certainty)
    blocks = [[row for row in rows if row["control"] is control] for control in (False, True)]
    shown = [block[:max_rows] for block in blocks]
    title = Text(f"{models[0].dataset}: leaderboard ({models[0].scorer})")
    left_out = len(rows) - sum(map(len, shown))
    note = _note(left_out, file, components_of(models))
    if any(_beside(row) for block in shown for row in block):
        note.append("; *: other work ran on the machine meanwhile")
    table = Table(title=title, caption=note)
    _add_columns(table, components)
    for number, block in enumerate(shown):
        if number and block:
            table.add_section()
            table.add_row("", Text("controls, not ranked", style="italic"))
        for row in block:
            table.add_row(*(Text(cell) for cell in _line(row, components)))
    return table


def verdict_lines(verdict: Verdict) -> list[str]:
    """What stands below the table: the verdict, and the bounds where controls set any."""
    return [line for line in (verdict.text, verdict.bounds) if line]


def _fitting(components: Sequence[str]) -> Sequence[str]:
    """The first ones and the last, which is the overall score."""
    if len(components) <= MAX_COMPONENTS:
        return components
    return (*components[: MAX_COMPONENTS - 1], components[-1])


def _add_columns(table: Table, components: Sequence[str]) -> None:
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("model", overflow="fold", min_width=20)
    table.add_column("retriever", overflow="fold")
    for component in components:
        table.add_column(component.replace("_", " "), justify="right", min_width=5)
    table.add_column("interval", justify="right", no_wrap=True)
    table.add_column("unusable", justify="right")
    table.add_column("seconds", justify="right", min_width=5)
    table.add_column("USD", justify="right", min_width=5)


def _line(row: Cells, components: Sequence[str]) -> list[str]:
    return [
        "-" if row["rank"] is None else str(row["rank"]),
        str(row["model"]),
        str(row["retriever"]),
        *(_number(row[component], 3) for component in components),
        _interval(row["overall_low"], row["overall_high"]),
        str(sum(int(str(row[status.value])) for status in NO_ANSWER)),
        _number(row["total_time_seconds"], 1) + ("*" if _beside(row) else ""),
        _number(row["cost_usd"], 2),
    ]


def _beside(row: Cells) -> bool:
    """Whether its time was taken while other work ran."""
    return row["measured_alone"] is False


def _interval(low: object, high: object) -> str:
    return "-" if low is None or high is None else f"{_number(low, 2)}-{_number(high, 2)}"


def _number(value: object, digits: int) -> str:
    return f"{value:.{digits}f}" if isinstance(value, float | int) else "-"


def _note(left_out: int, file: Path, components: Sequence[str]) -> Text:
    measures = len(components) - len(_fitting(components))
    if measures:
        more = f" and {left_out} more rows" if left_out > 0 else ""
        return Text(f"{measures} more measures{more} stand in {file}")
    if left_out <= 0:
        return Text(f"All figures: {file}")
    rows = "row is" if left_out == 1 else "rows are"
    return Text(f"{left_out} more {rows} left out here; all stand in {file}")
