"""The tabs of the page and their sections."""

from __future__ import annotations

from modellab.reporting.page.blocks import Live, Section, Tab
from modellab.reporting.page.views import (
    answer,
    checks,
    compare,
    dataset,
    history,
    judge_comparison,
    retrieval,
    run_details,
)

#: in the order of the page; one without anything to show is left out
TABS: tuple[Tab, ...] = (
    Tab("answer", "Answer", (Section("", answer.build),)),
    Tab(
        "compare",
        "Compare",
        (
            Section("Scores and ranks", compare.scores, "statistics of the scores"),
            Section("Plots", compare.plots, "plots (section `plots`)"),
            Section("Differences between systems", compare.differences),
            Section("Judges", judge_comparison.scores, "judges (section `judges`)"),
            Section("Labels", compare.labels),
            Section("Resource usage and repeats", compare.resources),
        ),
    ),
    Tab("questions", "Questions", (Section("Questions", lambda _: [Live("questions")]),)),
    Tab(
        "retrieval",
        "Retrieval",
        (
            Section(
                "Retrievers", retrieval.retrievers, "documents to search (`corpus` of the dataset)"
            ),
            Section("Chunks in the contexts", retrieval.chunks_shown),
        ),
    ),
    Tab(
        "checks",
        "Checks",
        (
            Section("Targets", checks.targets, "targets (section `targets`, docs/status.md)"),
            Section("Audit of the runs", checks.audit, "an audit (target `audit`)"),
            Section("Reliability of the judges", judge_comparison.reliability),
        ),
        checks.count_findings,
    ),
    Tab(
        "run",
        "Run and history",
        (
            Section("Runs", history.build),
            Section("How these results were made", run_details.build),
            Section("The dataset", dataset.about),
            Section(
                "What users ask",
                dataset.query_logs,
                "a log of real questions (section `query_logs`, docs/query-logs.md)",
            ),
        ),
    ),
)
