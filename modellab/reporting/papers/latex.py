"""A table for a paper in LaTeX, with the rules of `booktabs`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from modellab.core.text.hidden_characters import visible
from modellab.evaluation.compare.entries import CONTROLS
from modellab.reporting.papers.table import PaperCell, PaperRow, PaperTable

_ESCAPED = {
    **{char: f"\\{char}" for char in "{}$&#_%"},
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "`": r"\textasciigrave{}",
    '"': r"{\char34}",
    # what `visible` writes around the code of a hidden character
    "\u27e8": r"\textless{}",
    "\u27e9": r"\textgreater{}",
}
_SPECIAL = re.compile("|".join(map(re.escape, _ESCAPED)))
#: two of them are printed as one other sign
_RUN = re.compile(r"\b(\d+)-(\d+)\b(?=,|$)")
_LIGATURE = re.compile(r"([-',])(?=\1)")


def latex_text(text: str) -> str:
    """The text on one line, as text: no command, comment, formula or end of a cell in it.

    Letters that are not ASCII stay as they are: pdfLaTeX knows the Latin ones, XeLaTeX and
    LuaLaTeX all that their font has.
    """
    plain = _SPECIAL.sub(lambda match: _ESCAPED[match[0]], " ".join(visible(text).split()))
    return _LIGATURE.sub(r"\1{}", plain)


def latex_table(table: PaperTable) -> str:
    """A `table*` to `\\input`; it needs the package booktabs."""
    return "\n".join(_lines(table)) + "\n"


def _lines(table: PaperTable) -> Iterator[str]:
    label = re.sub(r"[^A-Za-z0-9]+", "-", table.dataset)
    yield "% needs \\usepackage{booktabs}"
    yield from (r"\begin{table*}", r"\centering\footnotesize\setlength{\tabcolsep}{3pt}")
    said = [f"Leaderboard of {table.dataset}.", *filter(None, (table.verdict, table.bounds))]
    yield rf"\caption{{{' '.join(map(latex_text, said))}}}"
    yield rf"\label{{tab:leaderboard-{label}}}"
    yield rf"\begin{{tabular}}{{@{{}}rll{'r' * len(table.components)}l@{{}}}}"
    yield r"\toprule"
    heads = [name.replace("_", " ").partition(" ") for name in table.components]
    # below one another, so that columns are no wider than their scores
    yield _row([r"\#", "model", "retriever", *(latex_text(first) for first, _, _ in heads), "tied"])
    yield _row(["", "", "", *(latex_text(rest) for _, _, rest in heads), "with"])
    counts = [_small(f"n = {count}") if count else "" for count in table.counts]
    yield _row(["", "", "", *counts, ""])
    yield r"\midrule"
    for row in table.rows:
        yield from _system(row)
    if table.controls:
        yield r"\midrule"
        width = len(table.components) + 4
        yield rf"\multicolumn{{{width}}}{{@{{}}l@{{}}}}{{\emph{{{latex_text(CONTROLS)}}}}} \\"
        for row in table.controls:
            yield from _system(row)
    yield from (r"\bottomrule", r"\end{tabular}", "")
    yield r"\par\smallskip\begin{minipage}{\linewidth}\footnotesize\raggedright"
    yield "\n".join(latex_text(note) for note in table.notes)
    yield from (r"\end{minipage}", r"\end{table*}")


def _system(row: PaperRow) -> Iterator[str]:
    """The values, and under them their intervals: two narrow lines."""
    names = [latex_text(row.model), latex_text(row.retriever) or "--"]
    tied = _RUN.sub(r"\1--\2", latex_text(row.tied)) or "--"
    yield _row([row.rank or "--", *names, *map(_value, row.cells), tied])
    below = [_small(" ".join(filter(None, (cell.interval, _count(cell))))) for cell in row.cells]
    if any(below):
        yield _row(["", "", "", *below, ""])


def _value(cell: PaperCell) -> str:
    value = "--" if cell.value == "-" else cell.value
    return rf"\textbf{{{value}}}" if cell.best else value


def _count(cell: PaperCell) -> str:
    return f"n = {cell.n}" if cell.n else ""


def _small(text: str) -> str:
    return rf"{{\scriptsize {text}}}" if text else ""


def _row(cells: Sequence[str]) -> str:
    return " & ".join(cells) + r" \\"
