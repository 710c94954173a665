"""A ranking as files: all figures for programs, and a summary to be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from modellab.core.io.atomic import atomic_file
from modellab.core.io.frames import write_frame
from modellab.core.text.markdown import markdown_table, markdown_text
from modellab.evaluation.compare.entries import CONTROLS
from modellab.evaluation.compare.ranking import Ranking, ranked
from modellab.evaluation.compare.ranking_options import RankingOptions
from modellab.evaluation.frame import with_missing

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
    pairs: pd.DataFrame,
    options: RankingOptions,
    absent: Sequence[str] = (),
) -> None:
    """Write the four files of `pairs`; `absent` are models that should be there and are not."""
    found = ranked(pairs, options)
    write_frame(files.table, with_missing(ranking_table(found), absent))
    write_frame(files.summary, with_missing(summary_table(found), absent))
    shown = _shown(title, found, options, absent)
    for path, text in ((files.markdown, _markdown(shown)), (files.html, _html(shown))):
        with atomic_file(path) as handle:
            handle.write(text)


def ranking_table(found: Ranking) -> pd.DataFrame:
    """All digits; what is missing is empty and named. Counts are behind the aggregate."""
    pairs = found.pairs
    about = {
        "pair_id": pairs["retriever"] + "__" + pairs["model"],
        "retriever": pairs["retriever"],
        "llm": pairs["model"],
        "control": pairs["control"],
    }
    counts = [found.scored.add_suffix("_n_scored"), found.failed.add_suffix("_n_failed")]
    rest = pairs[["aggregate", "missing"]]
    return pd.concat([pd.DataFrame(about), found.values, rest, *counts], axis=1)


def summary_table(found: Ranking) -> pd.DataFrame:
    """Ranks, and which pairs are best or near the best in each metric."""
    pairs = found.pairs
    about = {
        "rank": pairs["rank"],
        "pair": pairs["retriever"] + " | " + pairs["model"],
        "control": pairs["control"],
    }
    marks = found.marks.add_suffix("_mark")
    parts = [pd.DataFrame(about), found.values, pairs["aggregate"], marks, pairs["missing"]]
    return pd.concat(parts, axis=1)


def _shown(
    title: str, found: Ranking, options: RankingOptions, absent: Sequence[str]
) -> dict[str, Any]:
    """What the readable forms show: text only, not yet escaped."""
    names = list(options.weights)
    cells = found.values.map(_number) + " " + found.marks.replace(_SIGNS)
    shown = [
        {
            "rank": "-" if pd.isna(pair["rank"]) else str(pair["rank"]),
            "retriever": pair["retriever"],
            "model": pair["model"],
            "cells": [cell.strip() for cell in row],
            "aggregate": _number(pair["aggregate"]),
        }
        for pair, row in zip(
            found.pairs.to_dict("records"), cells[names].to_numpy().tolist(), strict=True
        )
    ]
    competing = int((~found.pairs["control"].astype(bool)).sum())
    blocks = [
        {"title": "", "rows": shown[:competing]},
        {"title": CONTROLS, "rows": shown[competing:]},
    ]
    return {
        "title": f"Ranking of {title}",
        "names": names,
        "blocks": [block for block in blocks if block["rows"]],
        "notes": _notes(found, options, absent),
    }


def _notes(found: Ranking, options: RankingOptions, absent: Sequence[str]) -> list[str]:
    shares = ", ".join(f"{name} {share:.3g}" for name, share in options.shares().items())
    notes = [
        f"aggregate: the sum of each metric times its weight ({shares}).",
        f"{_SIGNS['best']} best in this metric; {_SIGNS['near']} within {options.near:.1%} of it.",
    ]
    ids = found.pairs["retriever"] + "__" + found.pairs["model"]
    lacking = found.pairs["missing"].str.replace(";", ", ")
    if lacking.any():
        effect = "counts 0" if options.missing == "zero" else "means no aggregate and no rank"
        said = "; ".join((ids + " lacks " + lacking)[lacking != ""])
        notes.append(f"A missing metric {effect}: {said}.")
    failed = [
        f"{name}: {', '.join(f'{metric} {count}' for metric, count in row.items() if count)}"
        for name, row in zip(ids, found.failed.fillna(0).to_dict("records"), strict=True)
        if any(row.values())
    ]
    if failed:
        notes.append(f"Rows without a score: {'; '.join(failed)}.")
    if absent:
        notes.append(f"Partial: without {', '.join(absent)}.")
    return notes


def _markdown(shown: dict[str, Any]) -> str:
    names = ["rank", "retriever", "model", *shown["names"], "aggregate"]
    lines = [f"# {markdown_text(shown['title'])}"]
    for block in shown["blocks"]:
        lines += ["", f"## {block['title']}"] if block["title"] else []
        rows = (
            [row["rank"], row["retriever"], row["model"], *row["cells"], row["aggregate"]]
            for row in block["rows"]
        )
        lines += ["", *markdown_table(names, rows, right=(0, *range(3, len(names))))]
    for note in shown["notes"]:
        lines += ["", markdown_text(note)]
    return "\n".join(lines) + "\n"


def _html(shown: dict[str, Any]) -> str:
    from jinja2 import Environment, StrictUndefined

    page = Environment(autoescape=True, undefined=StrictUndefined).from_string(_PAGE)
    return page.render(shown) + "\n"


def _number(value: Any) -> str:
    return "-" if pd.isna(value) else f"{value:.3f}"
