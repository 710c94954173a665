"""The leaderboard as files for papers.

Markdown, as GitHub, Pandoc and notebooks read it, and LaTeX with the rules of `booktabs`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from modellab.core.io.atomic import atomic_file
from modellab.core.io.csv_file import read_csv
from modellab.core.records import ModelScores
from modellab.core.text.escape import Markup, escape_invisible, markdown_table, markdown_text
from modellab.evaluation.compare.entries import CONTROLS
from modellab.evaluation.compare.verdict import Verdict
from modellab.reporting.papers.table import NOTHING, PaperCell, PaperRow, PaperTable, paper_table

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
    # what `escape_invisible` writes around the code of a hidden character
    "\u27e8": r"\textless{}",
    "\u27e9": r"\textgreater{}",
}
_SPECIAL = re.compile("|".join(map(re.escape, _ESCAPED)))
#: two of them are printed as one other sign
_RUN = re.compile(r"\b(\d+)-(\d+)\b(?=,|$)")
_LIGATURE = re.compile(r"([-',])(?=\1)")


def write_paper_tables(
    models: Sequence[ModelScores],
    statistics: Path,
    ranks: Path,
    verdict: Verdict,
    markdown: Path,
    latex: Path,
    missing: Sequence[str] = (),
) -> None:
    """Write both files from the scores, `statistics.csv` and `ranks.csv`."""
    columns = ("system", "component", "low", "high", "confidence")
    table = paper_table(
        models,
        read_csv(statistics, columns).rows,
        read_csv(ranks, ("system", "component", "rank", "not_distinguishable_from")).rows,
        verdict,
        missing,
    )
    for path, text in ((markdown, markdown_page(table)), (latex, latex_table(table))):
        with atomic_file(path) as handle:
            handle.write(text)


def markdown_page(table: PaperTable) -> str:
    """The table with its title above and its notes below."""
    return "\n".join(_markdown_lines(table)) + "\n"


def _markdown_lines(table: PaperTable) -> Iterator[str]:
    yield f"# Leaderboard of {markdown_text(table.dataset)}"
    for said in filter(None, (table.verdict, table.bounds)):
        yield ""
        yield markdown_text(said)
    for title, rows in (("", table.rows), (CONTROLS, table.controls)):
        if rows:
            yield from ("", f"## {title}") if title else ()
            yield ""
            yield from _block(table, rows)
    for note in table.notes:
        yield ""
        yield markdown_text(note)


def _block(table: PaperTable, rows: Sequence[PaperRow]) -> Iterator[str]:
    heads = [
        f"{markdown_text(name.replace('_', ' '))}{f' (n={count})' if count else ''}"
        for name, count in zip(table.components, table.counts, strict=True)
    ]
    columns = [Markup("#"), "model", "retriever", *map(Markup, heads), "tied with"]
    yield from markdown_table(columns, map(_cells, rows), right=(0, *range(3, 3 + len(heads))))


def _cells(row: PaperRow) -> list[str]:
    names = [row.model, row.retriever or NOTHING]
    return [row.rank or NOTHING, *names, *map(_cell, row.cells), row.tied or NOTHING]


def _cell(cell: PaperCell) -> Markup:
    value = f"**{cell.value}**" if cell.best else cell.value
    n = f"(n={cell.n})" if cell.n else ""
    return Markup(" ".join(filter(None, (value, markdown_text(cell.interval), n))))


def latex_text(text: str) -> str:
    """The text on one line, as text: no command, comment, formula or end of a cell in it.

    Letters that are not ASCII stay as they are: pdfLaTeX knows the Latin ones, XeLaTeX and
    LuaLaTeX all that their font has.
    """
    plain = _SPECIAL.sub(lambda match: _ESCAPED[match[0]], " ".join(escape_invisible(text).split()))
    return _LIGATURE.sub(r"\1{}", plain)


def latex_table(table: PaperTable) -> str:
    """A `longtable` to `\\input` into a page of one column; it goes on to the next page.

    It needs the packages array, booktabs and longtable.
    """
    return "\n".join(_latex_lines(table)) + "\n"


def _latex_lines(table: PaperTable) -> Iterator[str]:
    label = re.sub(r"[^A-Za-z0-9]+", "-", table.dataset)
    width = len(table.components) + 3
    yield "% needs \\usepackage{array,booktabs,longtable}"
    yield r"\begingroup\footnotesize\setlength{\tabcolsep}{3pt}\setlength{\LTleft}{0pt}"
    columns = f"r{_wrapped(0.27)}{'r' * len(table.components)}{_wrapped(0.15)}"
    yield rf"\begin{{longtable}}{{@{{}}{columns}@{{}}}}"
    said = [f"Leaderboard of {table.dataset}.", *filter(None, (table.verdict, table.bounds))]
    yield rf"\caption{{{' '.join(map(latex_text, said))}}}\label{{tab:leaderboard-{label}}}\\"
    heads = [name.replace("_", " ").partition(" ") for name in table.components]
    counts = [_small(f"n = {count}") if count else "" for count in table.counts]
    head = [
        r"\toprule",
        # below one another, so that columns are no wider than their scores
        _row([r"\#", "system", *(latex_text(first) for first, _, _ in heads), "tied with"]),
        _row(["", "", *(latex_text(rest) for _, _, rest in heads), ""]),
        *([_row(["", "", *counts, ""])] if any(counts) else []),
        r"\midrule",
    ]
    yield from (*head, r"\endfirsthead", *head, r"\endhead", r"\bottomrule", r"\endfoot")
    for row in table.rows:
        yield from _system(row)
    if table.controls:
        yield r"\midrule"
        yield rf"\multicolumn{{{width}}}{{@{{}}l@{{}}}}{{\emph{{{latex_text(CONTROLS)}}}}} \\*"
        for row in table.controls:
            yield from _system(row)
    yield from (r"\end{longtable}", r"\begin{flushleft}\footnotesize")
    yield "\n".join(latex_text(note) for note in table.notes)
    yield r"\end{flushleft}\endgroup"


def _wrapped(share: float) -> str:
    """A column for texts of more than one line."""
    return rf">{{\raggedright\arraybackslash}}p{{{share}\linewidth}}"


def _system(row: PaperRow) -> Iterator[str]:
    """The values, and under them the retriever and the intervals, on the same page."""
    tied = _RUN.sub(r"\1--\2", latex_text(row.tied)) or "--"
    below = [_small(" ".join(filter(None, (cell.interval, _count(cell))))) for cell in row.cells]
    second = [_small(_breakable(row.retriever)), *below]
    first = _row([row.rank or "--", _breakable(row.model), *map(_value, row.cells), tied])
    yield f"{first}*" if any(second) else first
    if any(second):
        yield _row(["", *second, ""]) + "[2pt]"


def _breakable(name: str) -> str:
    """A name without spaces may go on in the next line after its signs."""
    return re.sub(r"([-/.:@]|\\_)(?=[A-Za-z0-9])", r"\1\\allowbreak{}", latex_text(name))


def _value(cell: PaperCell) -> str:
    value = "--" if cell.value == "-" else cell.value
    return rf"\textbf{{{value}}}" if cell.best else value


def _count(cell: PaperCell) -> str:
    return f"n = {cell.n}" if cell.n else ""


def _small(text: str) -> str:
    return rf"{{\scriptsize {text}}}" if text else ""


def _row(cells: Sequence[str]) -> str:
    return " & ".join(cells) + r" \\"
