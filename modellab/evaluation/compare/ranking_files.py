"""A ranking as files: all figures for programs, and a summary to be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from modellab.core.io.atomic import atomic_file
from modellab.core.io.frames import write_frame
from modellab.core.text.escape import markdown_table, markdown_text
from modellab.evaluation.compare.entries import CONTROLS
from modellab.evaluation.compare.ranking import Ranking, ranked
from modellab.evaluation.compare.ranking_options import RankingOptions
from modellab.evaluation.frame import with_missing

_SIGNS = {"best": "✅", "near": "🔺", "": ""}


@dataclass(frozen=True)
class RankingFiles:
    """Where a ranking goes."""

    table: Path
    summary: Path
    markdown: Path

    @classmethod
    def below(cls, folder: Path) -> RankingFiles:
        names = ("overall_ranking.csv", "rank_summary.csv", "rank_summary.md")
        return cls(*(folder / name for name in names))


def write_ranking(
    files: RankingFiles,
    title: str,
    pairs: pd.DataFrame,
    options: RankingOptions,
    absent: Sequence[str] = (),
) -> None:
    """Write the three files of `pairs`; `absent` are models that should be there and are not."""
    found = ranked(pairs, options)
    write_frame(files.table, with_missing(ranking_table(found), absent))
    write_frame(files.summary, with_missing(summary_table(found), absent))
    with atomic_file(files.markdown) as handle:
        handle.write(_markdown(title, found, options, absent))


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


def _markdown(title: str, found: Ranking, options: RankingOptions, absent: Sequence[str]) -> str:
    names = list(options.weights)
    pairs = found.pairs[["rank", "retriever", "model"]].astype(object)
    cells = found.values.map(_number) + " " + found.marks.replace(_SIGNS)
    shown = pd.concat([pairs, cells[names], found.pairs["aggregate"].map(_number)], axis=1)
    shown["rank"] = pairs["rank"].map(lambda rank: "-" if pd.isna(rank) else str(rank))
    lines = [f"# {markdown_text(f'Ranking of {title}')}"]
    heads, numbers = ["rank", "retriever", "model", *names, "aggregate"], range(3, 4 + len(names))
    for control, block in shown.groupby(found.pairs["control"]):
        lines += ["", f"## {CONTROLS}"] if control else []
        lines += ["", *markdown_table(heads, block.to_numpy(), right=(0, *numbers))]
    for note in _notes(found, options, absent):
        lines += ["", markdown_text(note)]
    return "\n".join(lines) + "\n"


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


def _number(value: Any) -> str:
    return "-" if pd.isna(value) else f"{value:.3f}"
