"""Questions: the matrix of all questions and systems, with filters."""

from __future__ import annotations

from modellab.report.blocks import Block, Live
from modellab.report.results import DatasetResults
from modellab.report.views.protocol import View


def build(_results: DatasetResults) -> list[Block]:
    return [Live("questions")]


VIEW = View("questions", "Questions", build)
