"""Retrieval: what is found, how vectors lie, what retrieval and reading lose."""

from __future__ import annotations

from modellab.reporting.page.blocks import Block, Empty
from modellab.reporting.page.pictures import OF_RETRIEVAL, pictures
from modellab.reporting.page.results import DatasetResults, Row
from modellab.reporting.page.tables import from_csv, pivot
from modellab.reporting.page.views.protocol import View

_SPLIT = (
    *("model", "retriever", "component", "oracle", "retrieved", "shuffled", "none"),
    *("retrieval_loss", "retrieval_loss_low", "retrieval_loss_high"),
    *("reading_loss", "retrieval_gain", "n_questions", "reason"),
)


def build(results: DatasetResults) -> list[Block]:
    blocks: list[Block] = []
    for level, rows in _by_level(results).items():
        known = [row for row in rows if row["value"]]
        title = f"Retrievers, by {level}"
        if not known:
            blocks.append(Empty(f"{title}: no question of this dataset names its {level}s."))
            continue
        caption = "n: questions with something to be found."
        blocks.append(pivot(title, known, ["retriever"], "metric", "../retrieval.csv", caption))
    if split := results.table("error_attribution"):
        caption = (
            "Answerable questions only: no retriever could find passages for the others. oracle: "
            "the right passages are shown; none: no passages."
        )
        overall = [row for row in split if row["component"] == results.components[-1]]
        title = "What retrieval loses, and what reading loses"
        blocks.append(from_csv(title, overall, "../error_attribution.csv", caption, _SPLIT))
    if space := results.table("embedding_space"):
        file = "../embedding_space.csv"
        blocks.append(pivot("How vectors lie", space, ["embedder", "texts"], "metric", file))
    none = Empty("This dataset has no documents to search, or its retrieval was not measured.")
    return [*(blocks or [none]), *pictures(results, OF_RETRIEVAL)]


def _by_level(results: DatasetResults) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in results.table("retrieval") or ():
        found.setdefault(row["level"], []).append(row)
    return found


VIEW = View("retrieval", "Retrieval", build)
