"""Judges as they are asked: the names in their entries in the place of what they stand for."""

from __future__ import annotations

from modellab.config.schema import Config
from modellab.judging import JudgeEntry
from modellab.judging.ragas.options import RagasOptions


def resolved_judge(config: Config, name: str) -> JudgeEntry:
    """A judge with its model and its embedder written out. The names must be known."""
    judge = config.judges[name]
    if isinstance(judge.model, str):
        judge = judge.with_model(config.models[judge.model])
    if isinstance(judge, RagasOptions) and isinstance(judge.embedder, str):
        judge = judge.with_embedder(config.embedders[judge.embedder])
    return judge


def judges_of(config: Config, dataset: str) -> list[str]:
    """The enabled judges of a dataset, in the order of the config."""
    return [
        name
        for name, judge in config.judges.items()
        if judge.enabled and (judge.datasets is None or dataset in judge.datasets)
    ]
