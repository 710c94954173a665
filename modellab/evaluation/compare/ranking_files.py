"""A ranking as files: all figures for programs, and a summary to be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modellab.core.io.atomic import atomic_file
from modellab.core.io.csv_file import write_csv
from modellab.core.text.markdown import markdown_row, markdown_text
from modellab.core.text.spreadsheet import harmless
from modellab.evaluation.compare.entries import CONTROLS
from modellab.evaluation.compare.partial import missing_cells
from modellab.evaluation.compare.ranking import Pair, RankedPair, marks, ranked_pairs
from modellab.evaluation.compare.ranking_options import RankingOptions

Cells = dict[str, object]
_SIGNS = {"best": "✅", "near": "🔺", "": ""}
_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{{ title }}</title>
<style>
body { font-family: sans-serif; margin: 2rem; }
table { border-collapse: collapse; }
th, td { padding: 0.3rem 0.7rem; border-bottom: 1px solid #ccc; text-align: right; }
th { border-bottom-width: 2px; }
td.pair, th.pair { text-align: left; }
</style>
</head>
<body>
<h1>{{ title }}</h1>
<table>
<thead><tr><th>rank</th><th class="pair">retriever</th><th class="pair">model</th>
{%- for name in names %}<th>{{ name }}</th>{% endfor %}<th>aggregate</th></tr></thead>
{%- for block in blocks %}
<tbody>
{%- if block.title %}
<tr><th class="pair" colspan="{{ names | length + 4 }}">{{ block.title }}</th></tr>
{%- endif %}
{%- for row in block.rows %}
<tr><td>{{ row.rank }}</td>
<td class="pair">{{ row.retriever }}</td><td class="pair">{{ row.model }}</td>
{%- for cell in row.cells %}<td>{{ cell }}</td>{% endfor %}<td>{{ row.aggregate }}</td></tr>
{%- endfor %}
</tbody>
{%- endfor %}
</table>
{%- for note in notes %}
<p>{{ note }}</p>
{%- endfor %}
</body>
</html>
"""


@dataclass(frozen=True)
class RankingFiles:
    """Where a ranking goes."""

    table: Path
    summary: Path
    markdown: Path
    html: Path

    @classmethod
    def below(cls, folder: Path) -> RankingFiles:
        names = ("overall_ranking.csv", "rank_summary.csv", "rank_summary.md", "rank_summary.html")
        return cls(*(folder / name for name in names))


def write_ranking(
    files: RankingFiles,
    title: str,
    pairs: Sequence[Pair],
    options: RankingOptions,
    absent: Sequence[str] = (),
) -> None:
    """Write the four files; `absent` are models that should be there and are not."""
    rows = ranked_pairs(pairs, options)
    for path, cells in (
        (files.table, table_rows(rows, options)),
        (files.summary, summary_rows(rows, options)),
    ):
        marked = [{**row, **missing_cells(absent)} for row in cells]
        write_csv(path, list(marked[0]), marked)
    shown = _shown(title, rows, options, absent)
    for path, text in ((files.markdown, _markdown(shown)), (files.html, _html(shown))):
        with atomic_file(path) as handle:
            handle.write(text)


def table_rows(rows: Sequence[RankedPair], options: RankingOptions) -> list[Cells]:
    """All digits; what is missing is empty and named. Counts stand behind the aggregate."""
    return [
        {
            "pair_id": harmless(row.pair.id),
            "retriever": harmless(row.pair.retriever),
            "llm": harmless(row.pair.model),
            "control": row.pair.control,
            **{name: row.cells[name].value for name in options.weights},
            "aggregate": row.aggregate,
            "missing": ";".join(row.missing),
            **{f"{name}_n_scored": row.cells[name].n_scored for name in options.weights},
            **{f"{name}_n_failed": row.cells[name].n_failed for name in options.weights},
        }
        for row in rows
    ]


def summary_rows(rows: Sequence[RankedPair], options: RankingOptions) -> list[Cells]:
    """Ranks, and which pairs are best or near the best in each metric."""
    signs = {name: marks(rows, name, options.near) for name in options.weights}
    return [
        {
            "rank": row.rank,
            "pair": harmless(f"{row.pair.retriever} | {row.pair.model}"),
            "control": row.pair.control,
            **{name: row.cells[name].value for name in options.weights},
            "aggregate": row.aggregate,
            **{f"{name}_mark": signs[name][index] for name in options.weights},
            "missing": ";".join(row.missing),
        }
        for index, row in enumerate(rows)
    ]


def _shown(
    title: str, rows: Sequence[RankedPair], options: RankingOptions, absent: Sequence[str]
) -> dict[str, Any]:
    """What the readable forms show: text only, not yet escaped."""
    signs = {name: marks(rows, name, options.near) for name in options.weights}
    shown = [
        {
            "rank": "-" if row.rank is None else str(row.rank),
            "retriever": row.pair.retriever,
            "model": row.pair.model,
            "cells": [
                f"{_number(row.cells[name].value)} {_SIGNS[signs[name][index]]}".strip()
                for name in options.weights
            ],
            "aggregate": _number(row.aggregate),
        }
        for index, row in enumerate(rows)
    ]
    competing = sum(not row.pair.control for row in rows)
    blocks = [
        {"title": "", "rows": shown[:competing]},
        {"title": CONTROLS, "rows": shown[competing:]},
    ]
    return {
        "title": f"Ranking of {title}",
        "names": list(options.weights),
        "blocks": [block for block in blocks if block["rows"]],
        "notes": _notes(rows, options, absent),
    }


def _notes(rows: Sequence[RankedPair], options: RankingOptions, absent: Sequence[str]) -> list[str]:
    shares = ", ".join(f"{name} {share:.3g}" for name, share in options.shares().items())
    notes = [
        f"aggregate: the sum of each metric times its weight ({shares}).",
        f"{_SIGNS['best']} best in this metric; {_SIGNS['near']} within {options.near:.1%} of it.",
    ]
    lacking = [row for row in rows if row.missing]
    if lacking:
        effect = "counts 0" if options.missing == "zero" else "means no aggregate and no rank"
        told = "; ".join(f"{row.pair.id} lacks {', '.join(row.missing)}" for row in lacking)
        notes.append(f"A missing metric {effect}: {told}.")
    failed = _failures(rows)
    if failed:
        notes.append(f"Rows without a score: {failed}.")
    if absent:
        notes.append(f"Partial: without {', '.join(absent)}.")
    return notes


def _failures(rows: Sequence[RankedPair]) -> str:
    """How many rows of each pair failed, by metric, where any did."""
    return "; ".join(
        f"{row.pair.id}: "
        + ", ".join(f"{name} {cell.n_failed}" for name, cell in row.cells.items() if cell.n_failed)
        for row in rows
        if any(cell.n_failed for cell in row.cells.values())
    )


def _markdown(shown: dict[str, Any]) -> str:
    names = ["rank", "retriever", "model", *shown["names"], "aggregate"]
    lines = [f"# {markdown_text(shown['title'])}"]
    for block in shown["blocks"]:
        lines += ["", f"## {block['title']}"] if block["title"] else []
        lines += ["", markdown_row(names), "|---:|---|---|" + "---:|" * (len(names) - 3)]
        lines += [
            markdown_row(
                [row["rank"], row["retriever"], row["model"], *row["cells"], row["aggregate"]]
            )
            for row in block["rows"]
        ]
    for note in shown["notes"]:
        lines += ["", markdown_text(note)]
    return "\n".join(lines) + "\n"


def _html(shown: dict[str, Any]) -> str:
    from jinja2 import Environment, StrictUndefined

    page = Environment(autoescape=True, undefined=StrictUndefined).from_string(_PAGE)
    return page.render(shown) + "\n"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
