"""The questions that one system alone answers right."""

from __future__ import annotations

import pandas as pd
from matplotlib.ticker import MaxNLocator

from modellab.evaluation.compare.entries import ENSEMBLE
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.protocol import Drawn, NothingToShow, Plot
from modellab.reporting.plots.rows import best_rows, draw_bars, system_chart, write_column
from modellab.reporting.plots.words import about

#: rows of the chart: systems without a win are a line of the caption
_LEAST_ROWS = 3


def draw(data: PlotData) -> Drawn:
    """A bar per contender that wins a question alone; counted against all of them."""
    every, _ = best_rows(data, controls=False)
    systems = data.systems[~data.systems["control"]]
    if len(systems) < 2:
        raise NothingToShow("Fewer than two systems compete: every right answer would be unique.")
    right = data.right()[systems["system"]] == 1.0
    if right.empty:
        raise NothingToShow("The answers of this task are not right or wrong.")
    voting = systems.set_index("system")["provider"] == ENSEMBLE
    # an ensemble takes no win from others: its answers are theirs
    own = right.loc[:, ~voting]
    alone = (
        own[own.sum(axis=1) == 1]
        .sum()
        .add(right[right.sum(axis=1) == 1].sum()[voting], fill_value=0)
    )
    wins = every["system"].map(alone).astype(float)
    order = wins.sort_values(ascending=False, kind="stable").index
    winners = max(int((wins > 0).sum()), min(_LEAST_ROWS, len(every)))
    shown, counts = every.loc[order].head(winners), wins.loc[order].head(winners)
    figure, axes = system_chart(data, shown, 4.6)
    draw_bars(axes, shown, counts, data)
    axes.set_xlim(0, max(counts.max(), 1) * 1.02)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("Questions that no other system answers right")
    write_column(axes, range(len(shown)), counts.astype(int).astype(str).to_list())
    rest = len(systems) - len(shown)
    caption = [
        *about(data, shown),
        _shared(right, alone),
        *[f"Without a unique win: {rest} other systems."] * (rest > 0),
        *["An ensemble takes no win from others: its answers are theirs."] * bool(voting.any()),
    ]
    return Drawn(figure, caption)


def _shared(right: pd.DataFrame, alone: pd.Series[float]) -> str:
    questions, systems = right.shape
    return (
        f"Of {questions} questions, one system alone is right on {int(alone.sum())}, all {systems} "
        f"on {int(right.all(axis=1).sum())}, none on {int((~right.any(axis=1)).sum())}. "
        "First repeat."
    )


PLOT = Plot("unique_wins", "Unique wins", draw)
