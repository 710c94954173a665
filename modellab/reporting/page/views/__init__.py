"""The views of the report. A new one is a file with a `VIEW`, and a line in `VIEWS`."""

from __future__ import annotations

from modellab.reporting.page.views import (
    audit,
    chunk_utilisation,
    domain_insights,
    history,
    judge_comparison,
    llm_comparison,
    overview,
    production_judges,
    question,
    questions,
    retrieval,
    run_details,
    status,
    topic_coverage,
)
from modellab.reporting.page.views.protocol import View

#: in the order of the page
VIEWS: tuple[View, ...] = (
    overview.VIEW,
    status.VIEW,
    llm_comparison.VIEW,
    retrieval.VIEW,
    questions.VIEW,
    question.VIEW,
    judge_comparison.VIEW,
    production_judges.VIEW,
    chunk_utilisation.VIEW,
    topic_coverage.VIEW,
    domain_insights.VIEW,
    audit.VIEW,
    run_details.VIEW,
    history.VIEW,
)
