"""The tabs of the page. A new section is a file with a `SECTION`, and a place in `TABS`."""

from __future__ import annotations

from modellab.reporting.page.blocks import Live
from modellab.reporting.page.views import (
    answer,
    audit,
    compare,
    dataset,
    history,
    judge_comparison,
    labels,
    query_logs,
    retrieval,
    run_details,
    status,
)
from modellab.reporting.page.views.protocol import Section, Tab

#: in the order of the page; one without anything to show is left out
TABS: tuple[Tab, ...] = (
    Tab("answer", "Answer", (answer.SECTION,)),
    Tab(
        "compare",
        "Compare",
        (
            compare.SCORES,
            compare.PLOTS,
            compare.DIFFERENCES,
            judge_comparison.SCORES,
            labels.SECTION,
            compare.RESOURCES,
        ),
    ),
    Tab("questions", "Questions", (Section("Questions", lambda _: [Live("questions")]),)),
    Tab("retrieval", "Retrieval", (retrieval.SECTION, dataset.CHUNKS)),
    Tab(
        "checks",
        "Checks",
        (status.SECTION, audit.SECTION, judge_comparison.RELIABILITY),
        audit.trouble_count,
    ),
    Tab(
        "run",
        "Run and history",
        (
            history.SECTION,
            run_details.SECTION,
            dataset.SECTION,
            query_logs.SECTION,
        ),
    ),
)
