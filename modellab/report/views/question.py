"""Question: one question with its passages, prompts, answers and marks."""

from __future__ import annotations

from modellab.report.blocks import Block, Live
from modellab.report.results import DatasetResults
from modellab.report.views.protocol import View


def build(_results: DatasetResults) -> list[Block]:
    return [Live("question")]


VIEW = View("question", "Question", build)
