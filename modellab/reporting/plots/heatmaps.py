"""Heat maps: metrics, types of question, judges, labels, and every system against every other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from modellab.core.intervals.means import share_ends
from modellab.reporting.plots import Drawn, NothingToShow, marks, plot, words
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.marks import best_rows, beyond, draw_cells, percents
from modellab.reporting.plots.style import LETTER_WIDTH, new_figure, panel_grid
from modellab.reporting.plots.words import about, names_line, short

#: metrics of judges, tags and labels that a plot has room for
MAX_METRICS, MAX_TAGS, MAX_LABELS = 8, 20, 30
#: systems with a panel of labels, and panels of one line
MAX_CONFUSIONS, _IN_A_LINE = 6, 3
#: with more columns there is no room for intervals
MAX_TAGS_WITH_INTERVALS, MAX_JUDGES_WITH_INTERVALS = 10, 12
#: with fewer questions than this a share says little
SMALL = 10
CONFIDENCE = 0.95
_CELL, _LEAST = 0.5, 2.2
#: systems of a square: the best ones
MAX_SYSTEMS = 60
_KINDS = {"answers": "Same answer", "correctness": "Both right or both wrong"}
#: inches of a cell, of one without a text, and of the smallest square: its label must fit
_PAIR, _SMALL_PAIR, _LEAST_SQUARE = 0.36, 0.26, 3.8


class Panel(NamedTuple):
    """Cells with their texts; `heads` label the columns."""

    title: str
    values: pd.DataFrame
    texts: pd.DataFrame
    heads: Sequence[str]


def _row_panels(
    labels: Sequence[str], panels: Sequence[Panel], column: float, upright: bool = True
) -> Figure:
    """Panels of cells over the same rows, coloured from 0 to 1 or more; `column` is in inches."""
    titles = [len(panel.title) * LETTER_WIDTH * 1.15 for panel in panels]
    sides = zip(panels, titles, strict=True)
    widths = [max(column * len(panel.heads), title) + 0.25 for panel, title in sides]
    figure, grid = marks.row_chart(labels, widths)
    longest = max(len(head) for panel in panels for head in panel.heads)
    figure.set_figheight(figure.get_figheight() + longest * LETTER_WIDTH * upright)
    for axes, panel in zip(grid, panels, strict=True):
        most = max([1.0, *panel.values.max().dropna()])
        draw_cells(axes, panel.values, panel.texts, (labels, panel.heads), (0.0, most), upright)
        axes.set_xlabel(panel.title)
    return figure


@plot("Metrics by model and retriever")
def metric_heatmap(data: PlotData) -> Drawn:
    """A panel per component, overall first: a row per model, a column per retriever."""
    systems = data.systems
    components = [data.overall, *data.main_components[:-1]]
    models, retrievers = systems["model"].unique(), _controls_last(systems, "retriever")
    heads = [
        words.marked(words.retriever_label(one), control) for one, control in retrievers.items()
    ]
    control = _controls_last(systems, "model")
    labels = [words.marked(short(one), control[one]) for one in models[: marks.MAX_ROWS]]
    panels = []
    for component in components:
        values = systems.pivot(index="model", columns="retriever", values=component)
        values = values.reindex(index=models[: marks.MAX_ROWS], columns=list(retrievers))
        panels.append(Panel(words.titled(systems, component), values, percents(values), heads))
    upright = len(heads) > 1
    column = 0.55 if upright else max(0.55, len(heads[0]) * LETTER_WIDTH)
    caption = [
        *about(data, systems),
        "Models in order of their best overall score, controls last; x 100. Grey: no score.",
        beyond(len(models), "models"),
        words.left_out_line(data),
    ]
    return Drawn(_row_panels(labels, panels, column, upright), caption)


def _controls_last(systems: pd.DataFrame, column: str) -> dict[str, bool]:
    """The values of a column, and whether only controls have them: those come last."""
    found = systems.groupby(column, sort=False)["control"].all()
    return dict(found.sort_values(kind="stable").items())  # type: ignore[arg-type]


@plot("Accuracy by type of question")
def accuracy_by_type(data: PlotData) -> Drawn:
    """Right answers: a row per system, a column per tag and one for all questions."""
    tags = data.table("questions").explode("tags").dropna(subset=["tags"])
    rows = data.first_outcomes()
    if tags.empty:
        raise NothingToShow("No question has a tag.")
    if rows.empty:
        raise NothingToShow("The answers of this task are not right or wrong.")
    counts = tags["tags"].value_counts().reset_index()
    counts = counts.sort_values(["count", "tags"], ascending=[False, True]).head(MAX_TAGS)
    columns = {tag: tags[tags["tags"] == tag]["question_id"] for tag in counts["tags"]}
    columns["all"] = data.table("questions")["question_id"]
    systems, wide = best_rows(data), len(columns) <= MAX_TAGS_WITH_INTERVALS
    right = rows.pivot_table(index="question_id", columns="system", values="right", observed=True)
    right = right.reindex(columns=systems["system"])
    marks = {tag: right.reindex(chosen) for tag, chosen in columns.items()}
    heads = [
        f"{short(tag, 18)}\nn = {len(chosen)}{' (!)' * (len(chosen) < SMALL)}"
        for tag, chosen in columns.items()
    ]
    widest = max(len(line) for head in heads for line in head.split("\n")) * LETTER_WIDTH + 0.15
    panel = Panel(
        "",
        pd.DataFrame({tag: chosen.mean() for tag, chosen in marks.items()}),
        pd.DataFrame({tag: chosen.apply(_share, wide=wide) for tag, chosen in marks.items()}),
        heads,
    )
    column = max(widest, 1.05 if wide else 0.75)
    figure = _row_panels(words.system_labels(systems), [panel], column, upright=False)
    more = tags["tags"].nunique() - MAX_TAGS
    caption = [
        *about(data, systems),
        "Right answers in % of the questions with that tag; a question may have several tags, or "
        "none. If the documents have no answer, right is to say so. First repeat.",
        f"In brackets: {CONFIDENCE:.0%} intervals (Wilson)."
        if wide
        else f"More than {MAX_TAGS_WITH_INTERVALS} columns have no room for intervals.",
        f"(!): fewer than {SMALL} questions, so the share says little. Grey: no answer.",
        f"Not shown: {more} rarer tags." if more > 0 else "",
        beyond(len(data.systems)),
    ]
    return Drawn(figure, caption)


def _share(right: pd.Series[float], wide: bool) -> str:
    """The share of right answers in percent, with its interval if there is room."""
    ends = share_ends(int(right.sum()), int(right.count()), CONFIDENCE)
    if ends is None:
        return "n/a"
    share = f"{100 * right.mean():.0f}"
    return f"{share} ({100 * ends[0]:.0f}-{100 * ends[1]:.0f})" if wide else share


@plot("Judges compared")
def judge_comparison(data: PlotData) -> Drawn:
    """A panel per metric: a row per system, a column per judge."""
    rows = data.table("judge_scores").dropna(subset=["value"])
    rows = rows.merge(data.systems[["model", "retriever", "system"]], on=["model", "retriever"])
    if rows.empty:
        raise NothingToShow("No judge gave a system a value.")
    rows = rows.drop_duplicates(["metric", "system", "judge"])
    systems, metrics = best_rows(data), list(rows["metric"].unique())
    columns = rows[rows["metric"].isin(metrics[:MAX_METRICS])][["metric", "judge"]]
    wide = len(columns.drop_duplicates()) <= MAX_JUDGES_WITH_INTERVALS
    titles = {one: short(one.replace("_", " ").capitalize()) for one in metrics}
    rows = rows.assign(text=rows.apply(_judged, axis=1, wide=wide))
    panels = []
    for metric in metrics[:MAX_METRICS]:
        own = rows[rows["metric"] == metric]
        judges = list(own["judge"].unique())
        cells = own.pivot(index="system", columns="judge").reindex(systems["system"])
        values, texts = cells["value"][judges], cells["text"][judges].fillna("")
        panels.append(Panel(titles[metric], values, texts, [short(name) for name in judges]))
    figure = _row_panels(words.system_labels(systems), panels, 0.95 if wide else 0.55)
    lost = [titles[one] for one in metrics[MAX_METRICS:]]
    caption = [
        *about(data, systems),
        "Means over the answers that the judge could score, on the scale of the metric; colours "
        "from 0 to the largest value of the panel (at least 1). Grey: no value. !: the judge could "
        "score too few answers. In order of the overall score.",
        "±: half of the 95% interval of the mean, over questions; none if all scores are equal."
        if wide
        else f"More than {MAX_JUDGES_WITH_INTERVALS} columns have no room for intervals; the table "
        "has them.",
        names_line("Not shown (metrics)", lost, "judge_scores.csv"),
        beyond(len(data.systems)),
    ]
    return Drawn(figure, caption)


def _judged(row: pd.Series, wide: bool) -> str:
    """With half of the interval; its longer side if the end of the scale cuts the other."""
    text = f"{row['value']:.2f}{'!' * bool(row['marked'])}"
    if not wide or pd.isna(row["low"]) or pd.isna(row["high"]):
        return text
    return f"{text} ±{max(row['value'] - row['low'], row['high'] - row['value']):.2f}"


@plot("Labels confused")
def confusion_matrix(data: PlotData) -> Drawn:
    """A square per system, the best first: a row per true label, a column per assigned one."""
    counts = data.table("confusion")
    if not counts["count"].sum():
        raise NothingToShow("No system gave a label to a text whose label is known.")
    labels, given = list(counts["true"].unique()), list(counts["given"].unique())
    if len(labels) > MAX_LABELS:
        raise NothingToShow(f"{len(labels)} labels are too many for a picture: see confusion.csv.")
    counts = counts.merge(data.systems[["model", "retriever", "system"]])
    systems = data.systems[data.systems["system"].isin(counts["system"])]
    shown = systems.head(MAX_CONFUSIONS)
    names = ([short(name) for name in labels], [short(name) for name in given])
    widest = max(map(len, names[1])) * LETTER_WIDTH
    longest = max(len(short(name)) for name in shown["system"]) * LETTER_WIDTH
    width = max(_CELL * len(given), longest, _LEAST)
    height = max(_CELL * len(labels), _LEAST * 0.7) + widest + 0.8
    figure, _, grid = panel_grid(len(shown), _IN_A_LINE, widest + width + 0.4, height)
    kappas = _kappas(data)
    for axes, row in zip(grid, shown.itertuples(), strict=True):
        own = counts[counts["system"] == row.system]
        cells = own.pivot(index="true", columns="given", values="count")
        cells = cells.reindex(index=labels, columns=given)
        shares = cells.div(cells.sum(axis=1).replace(0, np.nan), axis=0)
        draw_cells(axes, shares, cells.astype(int).astype(str), names)
        kappa = kappas.get(str(row.system)) or kappas.get(str(row.model), "")
        axes.set_xlabel(f"{short(row.system)}\n{kappa}".strip())
    caption = [
        *about(data, shown),
        "Rows: true labels; columns: assigned labels; (none): no readable label. Counts of texts, "
        "coloured by their share of the row.",
        "Kappa: Cohen's, with the true labels, over texts with a readable label.",
        names_line("Not shown", systems["system"].iloc[MAX_CONFUSIONS:], "confusion.csv"),
    ]
    return Drawn(figure, caption)


def _kappas(data: PlotData) -> dict[str, str]:
    """Agreement with the true labels beyond chance, in words, by system or by model."""
    rows = data.table("label_agreement")
    found = {}
    for _, row in rows[(rows["metric"] == "truth_kappa") & rows["value"].notna()].iterrows():
        known = row[["low", "high"]].notna().all()
        interval = f" ({row['low']:.2f} to {row['high']:.2f})" if known else ""
        found[str(row["system_a"])] = f"kappa {row['value']:.2f}{interval}"
    return found


@plot("Agreement between systems")
def agreement_heatmap(data: PlotData) -> Drawn:
    """A square per kind of agreement, systems in order of rank."""
    systems, rows = data.systems.head(MAX_SYSTEMS), data.table("agreement")
    rows = rows[(rows["system_a"] != "") & rows["agreement"].notna()]
    kinds = [kind for kind in _KINDS if (rows["kind"] == kind).any()]
    if len(systems) < 2 or not kinds:
        raise NothingToShow("There are no two systems to compare.")
    figure, grid, names = _squares(systems, len(kinds))
    for axes, kind in zip(grid, kinds, strict=True):
        chosen = rows[rows["kind"] == kind]
        values = _square(systems, chosen, "agreement", 1.0)
        values = values.mask(np.eye(len(values), dtype=bool), 1.0)
        draw_cells(axes, values, percents(values), names)
        axes.set_xlabel(f"{_KINDS[kind]} (n = {words.span(chosen['n'])})")
    share = "In each cell the share of questions, in %, on which both systems agree."
    return Drawn(figure, [*about(data, systems), share, *_left_out(data.systems)])


@plot("Significance of differences")
def significance_matrix(data: PlotData) -> Drawn:
    """Row minus column in the overall score; white without a significant difference."""
    rows, contenders = data.table("comparisons"), data.systems[~data.systems["control"]]
    rows = rows[(rows["component"] == data.overall) & (rows["control"] != True)]  # noqa: E712
    rows, systems = rows[rows["difference"].notna()], contenders.head(MAX_SYSTEMS)
    if len(systems) < 2 or rows.empty:
        raise NothingToShow("No two contenders were compared.")
    values = _square(systems, rows, "difference", -1.0)
    rows = rows.assign(clear=(rows["distinguishable"] == True).astype(float))  # noqa: E712
    clear = _square(systems, rows, "clear", 1.0) == 1.0
    shown = values.where(clear | values.isna(), 0.0)
    texts = shown.map(lambda value: f"{100 * value:+.0f}")
    texts = texts.where(clear, "=").where(values.notna(), "")
    reach = max(shown.abs().max().max(), 0.01)
    figure, [axes], names = _squares(systems, 1)
    draw_cells(axes, shown, texts, names, (-reach, reach))
    axes.set_xlabel(f"{words.component_label(data.overall)}: row minus column, x 100")
    tests = sorted({test.replace("_", " ") for test in rows["test"] if test})
    caption = [
        *about(data, systems),
        "Purple: the row is better; orange: the column; white (=): statistically tied; "
        "grey: not compared.",
        f"Test: {', '.join(tests)}, corrected for the number of pairs of contenders (Holm), n = "
        f"{words.span(rows['n'].dropna())} questions that both have.",
        *_left_out(contenders),
    ]
    return Drawn(figure, caption)


def _squares(
    systems: pd.DataFrame, panels: int
) -> tuple[Figure, list[Axes], tuple[list[str], list[str]]]:
    """A number of squares side by side, and the labels of rows and columns."""
    pairs = zip(systems["system"], systems["control"], strict=True)
    names = [words.marked(short(name), control) for name, control in pairs]
    widest = max(len(name) for name in names) * LETTER_WIDTH
    cell = _PAIR if len(names) ** 2 <= marks.MAX_WRITTEN else _SMALL_PAIR
    side = max(cell * len(names), _LEAST_SQUARE)
    figure = new_figure(widest + panels * (side + 0.3) + 0.6, widest + side + 1.2)
    grid = figure.subplots(1, panels, sharey=True, squeeze=False)[0]
    return figure, list(grid), (names, names)


def _square(systems: pd.DataFrame, pairs: pd.DataFrame, value: str, sign: float) -> pd.DataFrame:
    """The value of each pair of systems, and `sign` times the value in the opposite cell."""
    names = systems["system"]
    one = pairs.pivot_table(index="system_a", columns="system_b", values=value, aggfunc="first")
    both = one.combine_first(sign * one.T)
    return both.reindex(index=names, columns=names).astype(float)


def _left_out(systems: pd.DataFrame) -> list[str]:
    cells = min(len(systems), MAX_SYSTEMS) ** 2
    many = f"{cells} cells are too many for numbers; the table has them."
    return [many if cells > marks.MAX_WRITTEN else "", beyond(len(systems), most=MAX_SYSTEMS)]
