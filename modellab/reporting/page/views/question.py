"""Question: one question with its passages, prompts, answers and marks."""

from __future__ import annotations

from modellab.reporting.page.blocks import Block, Live
from modellab.reporting.page.results import DatasetResults
from modellab.reporting.page.views.protocol import View


def build(_results: DatasetResults) -> list[Block]:
    return [Live("question")]


VIEW = View("question", "Question", build)
