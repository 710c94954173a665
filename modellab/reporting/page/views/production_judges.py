"""Production judge comparison: models that say whether an answer may be shown."""

from __future__ import annotations

from modellab.reporting.page.blocks import Block
from modellab.reporting.page.results import DatasetResults
from modellab.reporting.page.tables import from_csv, label
from modellab.reporting.page.views.protocol import Section

#: the table's name in the folder `judges`
TABLE = "by_production_judge"
#: what is said of labels beside it, each `{name}.csv`
OF_LABELS = ("labels", "confusion", "label_agreement")


def build(results: DatasetResults) -> list[Block]:
    if results.shared_rules.task != "label":
        return []
    blocks: list[Block] = []
    if rows := results.tables_in("judges").get(TABLE):
        blocks.append(from_csv("Production judges", rows, f"../judges/{TABLE}.csv"))
    for name in OF_LABELS:
        if of_labels := results.table(name):
            blocks.append(from_csv(label(name).capitalize(), of_labels, f"../{name}.csv"))
    return blocks


SECTION = Section("Production judges", build)
