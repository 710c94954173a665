"""Judge comparison: what judges say of the models, and how far judges can be trusted."""

from __future__ import annotations

from modellab.report.blocks import Block, Empty
from modellab.report.results import DatasetResults
from modellab.report.tables import from_csv, label
from modellab.report.views.production_judges import TABLE as OF_PRODUCTION_JUDGES
from modellab.report.views.protocol import View


def build(results: DatasetResults) -> list[Block]:
    blocks: list[Block] = []
    if scores := results.table("judge_scores"):
        caption = "Scores with their coverage: what a judge failed to judge is in no mean."
        blocks.append(from_csv("What judges say", scores, "../judge_scores.csv", caption))
    for name, rows in results.tables_in("judges").items():
        if name != OF_PRODUCTION_JUDGES and rows:
            title = label(name).capitalize()
            blocks.append(from_csv(title, rows, f"../judges/{name}.csv"))
    return blocks or [Empty("No judge has judged this dataset: the config names none for it.")]


VIEW = View("judge-comparison", "Judge comparison", build)
