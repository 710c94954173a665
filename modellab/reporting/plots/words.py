"""Labels of components and systems, and lines that captions share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from modellab.core.records import EXTERNAL, NO_RETRIEVER
from modellab.reporting.plots.data import PlotData

#: where it is not the name with a capital and spaces
_COMPONENTS: Mapping[str, str] = {
    "ref_overlap": "Reference overlap",
    "na_recall": "NA recall",
    "overall": "Overall score",
    "token_f1": "Token F1",
    "rouge2": "ROUGE-2",
    "rougeL": "ROUGE-L",
    "bleu": "BLEU",
    "bleu_corpus": "Corpus BLEU",
    "chrf": "chrF",
    "chrf_corpus": "Corpus chrF",
    "ndcg": "nDCG",
    "mrr": "MRR",
    "map": "MAP",
}
#: letters of a name that a plot has room for
MAX_LETTERS = 40
#: names that a caption lists
_MOST_NAMES = 3


def component_label(component: str) -> str:
    name, at, depth = component.partition("@")
    return (_COMPONENTS.get(name) or name.replace("_", " ").capitalize()) + at + depth


def short(name: object, letters: int = MAX_LETTERS) -> str:
    """One line of printable text; a long name is cut in its middle, since its ends identify it."""
    line = " ".join("".join(c if c.isprintable() else " " for c in str(name)).split())
    if len(line) <= letters:
        return line
    end = letters // 2
    return f"{line[: letters - end - 1]}…{line[-end:]}"


def marked(name: str, control: object) -> str:
    """The name, with a mark behind that of a control."""
    return f"{name} (control)" if control else name


def retriever_label(retriever: str) -> str:
    return "own file" if retriever == EXTERNAL else short(retriever, 24)


def system_labels(systems: pd.DataFrame) -> list[str]:
    """`model @ retriever`, marked if it is a control or answers only a part of the questions."""
    labels = []
    for row in systems.to_dict("records"):
        own = row["retriever"] in (EXTERNAL, NO_RETRIEVER)
        name = short(row["model"]) + ("" if own else f" @ {short(row['retriever'], 20)}")
        part = "" if row["coverage"] >= 1 else f" ({percent(row['coverage'])} covered)"
        labels.append(marked(name, row["control"]) + part)
    return labels


def system_names(some: pd.DataFrame, every: pd.DataFrame) -> list[str]:
    """Names of systems; a model is named once if all its retrievers are among them."""
    counts = some["model"].value_counts()
    whole = set(counts.index[counts == every["model"].value_counts().reindex(counts.index)])
    pairs = zip(some["model"], some["system"], strict=True)
    return list(dict.fromkeys(model if model in whole else system for model, system in pairs))


def score_text(score: float) -> str:
    return "n/a" if pd.isna(score) else f"{score:.3f}"


def percent(share: float) -> str:
    """Rounded down, so that 100% means all."""
    return f"{int(share * 100)}%"


def span(numbers: Iterable[float]) -> str:
    """`16`, or `12 to 16` where they differ."""
    every = [int(number) for number in numbers]
    low, high = min(every), max(every)
    return str(low) if low == high else f"{low} to {high}"


def scored_rows(systems: pd.DataFrame, component: str) -> str:
    """The number of answers behind a component."""
    return f"n = {span(systems[f'{component}_n'])}"


def titled(systems: pd.DataFrame, component: str) -> str:
    return f"{component_label(component)} ({scored_rows(systems, component)})"


def listed(names: Iterable[str], where: str = "leaderboard.csv") -> str:
    """At most three names, and how many others there are."""
    every = list(dict.fromkeys(names))
    rest = len(every) - _MOST_NAMES
    if rest <= 1:
        return ", ".join(map(short, every))
    named = ", ".join(map(short, every[:_MOST_NAMES]))
    return f"{named} and {rest} others (see {where})"


def names_line(what: str, names: Iterable[str], where: str = "leaderboard.csv") -> str:
    """`what: a, b, c and 4 others (see leaderboard.csv).`, or nothing without names."""
    every = list(names)
    return f"{what}: {listed(every, where)}." if every else ""


def left_out_line(data: PlotData) -> str:
    """The components that a plot of the main ones leaves out."""
    rest = [name for name in data.components if name not in data.main_components]
    return names_line("Not shown (scores)", map(component_label, rest))


def source_line(data: PlotData) -> str:
    """The dataset and the number of its questions."""
    questions = span(data.systems["n_questions"])
    repeats = int(data.systems["repeats"].max())
    repeated = f", up to {repeats} repeats" if repeats > 1 else ""
    noun = "question" if questions == "1" else "questions"
    return f"{data.dataset}: {questions} {noun}{repeated}."


def about(data: PlotData, shown: pd.DataFrame, labelled: bool = True) -> list[str]:
    """First lines of every caption.

    Args:
        data: of the plot.
        shown: its systems.
        labelled: whether each is labelled as in `system_labels`.
    """
    lines, part = [source_line(data)], shown[shown["coverage"] < 1]
    if any(short(name) != name for name in shown["model"]):
        lines.append(f"Names of more than {MAX_LETTERS} letters are shortened (…).")
    if not labelled:
        pairs = zip(part["system"], part["coverage"], strict=True)
        names = [f"{system} ({percent(share)})" for system, share in pairs]
        return [*lines, names_line("Only a part of the questions answered", names)]
    if len(part):
        lines.append("covered: share of the questions with an answer (rounded down).")
    if shown["control"].any():
        lines.append("Controls are reference points and not ranked.")
    return lines


def interval_lines(data: PlotData, shown: pd.DataFrame, components: Sequence[str]) -> list[str]:
    """What the lines of intervals are, and which scores and systems have none."""
    known = data.table("statistics")
    if not known.empty:
        known = known[known["component"].isin(components) & known["system"].isin(shown["system"])]
        known = known.dropna(subset=["low", "high"])
    if known.empty:
        return ["Without intervals: there are no statistics of these scores."]
    bare = [name for name in components if name not in set(known["component"])]
    scored = shown[shown[[c for c in components if c not in bare]].notna().any(axis=1)]["system"]
    return [
        f"Lines: {interval_kind(known)}.",
        names_line("Scores without intervals", map(component_label, bare)),
        names_line("Without an interval", scored[~scored.isin(known["system"])]),
    ]


def interval_kind(rows: pd.DataFrame) -> str:
    """`95% confidence intervals (method)`, of rows with `confidence` and perhaps `method`."""
    levels = sorted({f"{100 * level:g}%" for level in rows["confidence"].dropna()})
    methods = sorted({m.replace("_", " ") for m in rows.get("method", pd.Series(dtype=str)) if m})
    method = f" ({', '.join(methods)})" if methods else ""
    return f"{', '.join(levels)} confidence intervals{method}"


def concurrency_lines(shown: pd.DataFrame) -> list[str]:
    """The mean number of concurrent answers, and the systems timed while other work ran."""
    means = shown["mean_concurrency"].dropna()
    ends = dict.fromkeys(f"{one:.2g}" for one in (means.min(), means.max()))
    line = f"Concurrent answers, on average: {' to '.join(ends)}." if len(means) else ""
    beside = shown[shown["measured_alone"].map(lambda alone: alone is False)]
    return [line, names_line("Timed while other work ran", system_names(beside, shown))]
