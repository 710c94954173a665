"""The words that all plots share: names of components and rows, and lines of the caption."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from modellab.core.records import ModelScores
from modellab.evaluation.compare.entries import EXTERNAL, Entry, entries_of

_COMPONENTS: Mapping[str, str] = {
    "value_accuracy": "Value accuracy",
    "ref_overlap": "Reference overlap",
    "na_recall": "NA recall",
    "overall": "Overall score",
    "overall_score": "Overall score",
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
MAX_LETTERS = 44
#: answers of these kinds come from a file, not from a machine or an API
_NOT_A_MACHINE = ("submission", "ensemble")


def component_label(component: str) -> str:
    return _COMPONENTS.get(component) or component.replace("_", " ").capitalize()


def short(name: str, letters: int = MAX_LETTERS) -> str:
    """One line of printable text; a long name has `…` in its middle: its ends tell it apart."""
    line = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if len(line) <= letters:
        return line
    end = letters // 2
    return f"{line[: letters - end - 1]}…{line[-end:]}"


def shortened_line(names: Sequence[str]) -> list[str]:
    """The caption's word on names that `short` cuts."""
    cut = any(short(name) != name for name in names)
    return [f"Names of more than {MAX_LETTERS} letters are shortened (…)."] if cut else []


def names_line(what: str, names: Sequence[str]) -> list[str]:
    """`what: a, b, c.`, or nothing where there are no names."""
    return [f"{what}: {', '.join(map(short, names))}."] if names else []


def system_names(some: Sequence[Entry], every: Sequence[Entry]) -> list[str]:
    """Names of systems; a model that is there with all its retrievers is named once."""
    counts = Counter(entry.model.name for entry in some)
    totals = Counter(entry.model.name for entry in every)
    whole = {name for name, count in counts.items() if count == totals[name]}
    names = (entry.model.name if entry.model.name in whole else entry.name for entry in some)
    return list(dict.fromkeys(names))


def origin(model: ModelScores) -> str:
    """Where the answers come from: local, API, submission or ensemble."""
    if model.llm_provider in _NOT_A_MACHINE:
        return model.llm_provider
    return "local" if model.local else "API"


def entry_label(entry: Entry) -> str:
    """`model @ retriever [local]`, and whether it is a control or has rows for a part only."""
    retriever = entry.summary.retriever
    model = short(entry.model.name)
    name = model if retriever == EXTERNAL else f"{model} @ {short(retriever)}"
    part = "" if entry.summary.coverage >= 1 else f", {_percent(entry.summary.coverage)} covered"
    control = ", control" if entry.control else ""
    return f"{name} [{origin(entry.model)}{control}{part}]"


def control_lines(entries: Sequence[Entry]) -> list[str]:
    """The caption's explanation of `control`, where there is any."""
    return ["Control: a reference point, not ranked."] * any(entry.control for entry in entries)


def score_text(score: float | None) -> str:
    return "n/a" if score is None else f"{score:.3f}"


def source_line(models: Sequence[ModelScores]) -> str:
    """What the figures rest on."""
    summaries = [entry.summary for entry in entries_of(models)]
    repeats = max((summary.repeats for summary in summaries), default=1)
    repeated = f", up to {repeats} repeats" if repeats > 1 else ""
    questions = _span([summary.num_questions for summary in summaries])
    rules = f"scorer {models[0].scorer} (missing rows: {models[0].missing})"
    noun = "question" if questions == "1" else "questions"
    return f"{models[0].dataset}: {questions} {noun}{repeated}, {rules}."


def scored_rows(entries: Sequence[Entry], component: str) -> str:
    """How many rows stand behind a component: `n = 16`, or `n = 12 to 16` where they differ."""
    return f"n = {_span([entry.summary.metrics[component].n_scored for entry in entries])}"


def not_available_lines(entries: Sequence[Entry], components: Sequence[str]) -> list[str]:
    """The caption's explanation of `n/a`, where a chart has any."""
    unknown = [e for e in entries if any(e.score(component) is None for component in components)]
    return ["n/a: no row could be scored, so there is no bar."] if unknown else []


def coverage_lines(entries: Sequence[Entry]) -> list[str]:
    """The caption's explanation of `covered` in the names of rows, where it stands in any."""
    partial = any(entry.summary.coverage < 1 for entry in entries)
    line = "% covered: the model has rows for this share of the questions only (rounded down)."
    return [line] if partial else []


def partial_lines(entries: Sequence[Entry]) -> list[str]:
    """The entries whose scores rest on a part of the questions, for charts without row names."""
    partial = [entry for entry in entries if entry.summary.coverage < 1]
    named = [f"{entry.name} ({_percent(entry.summary.coverage)})" for entry in partial]
    return [f"Rows for a part of the questions only: {', '.join(named)}."] if named else []


def _percent(share: float) -> str:
    """Rounded down, so that 100% means all."""
    return f"{int(share * 100)}%"


def _span(numbers: Sequence[int]) -> str:
    low, high = min(numbers), max(numbers)
    return str(low) if low == high else f"{low} to {high}"
