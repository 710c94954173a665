"""Labels: how well each system labels, and which labels it confuses."""

from __future__ import annotations

from modellab.reporting.page.blocks import Block
from modellab.reporting.page.pictures import OF_LABELS, pictures
from modellab.reporting.page.results import DatasetResults
from modellab.reporting.page.tables import from_csv
from modellab.reporting.page.views.protocol import Section

#: the models as judges that say whether to show an answer, in the folder `judges`
PRODUCTION_JUDGES = "by_production_judge"
TABLES = {
    "labels": ("Labels", "All labels of a system together, then label by label and tag by tag."),
    "label_agreement": (
        "Agreement of labels",
        "truth_kappa: with the true labels; cohen_kappa: of two systems; 0 is agreement by chance.",
    ),
    "confusion": ("Labels confused", "Counts of texts by true and given label."),
}


def build(results: DatasetResults) -> list[Block]:
    if results.shared_rules.task != "label":
        return []
    blocks: list[Block] = [*pictures(results, OF_LABELS)]
    if rows := results.tables_in("judges").get(PRODUCTION_JUDGES):
        blocks.append(from_csv("As judges", rows, f"../judges/{PRODUCTION_JUDGES}.csv"))
    for name, (title, caption) in TABLES.items():
        if found := results.table(name):
            blocks.append(from_csv(title, found, f"../{name}.csv", caption))
    return blocks


SECTION = Section("Labels", build)
