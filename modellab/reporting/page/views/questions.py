"""Questions: the matrix of all questions and systems, with filters."""

from __future__ import annotations

from modellab.reporting.page.blocks import Block, Live
from modellab.reporting.page.results import DatasetResults
from modellab.reporting.page.views.protocol import View


def build(_results: DatasetResults) -> list[Block]:
    return [Live("questions")]


VIEW = View("questions", "Questions", build)
