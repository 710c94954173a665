"""How a dataset's answers are scored: names in the config in the place of what they stand for."""

from __future__ import annotations

from modellab.config.schema import Config
from modellab.core.text.languages import AUTO
from modellab.tasks import default_scorer
from modellab.tasks.scorer import ScorerOptions


def resolved_scorer(config: Config, dataset: str) -> ScorerOptions:
    """A dataset's scorer, that of its task where it names none, its embedder written out.

    It has the language of the dataset where it has none of its own.
    """
    asked = config.datasets[dataset]
    options = asked.scorer or default_scorer(asked.task.kind)
    options = options.in_language(told_language(config, dataset))
    embedder = options.embedder_name()
    return options.with_embedder(config.embedders[embedder]) if embedder else options


def told_language(config: Config, dataset: str) -> str:
    """The code of a dataset's language as the config tells it, or its corpus's; else `auto`."""
    asked = config.datasets[dataset]
    if asked.language == AUTO and asked.corpus is not None:
        return config.corpora[asked.corpus].language
    return asked.language


def reads_chunks(config: Config, dataset: str) -> bool:
    """Whether the scorer is given the corpus: one with an embedder, which may learn from it."""
    embeds = getattr(resolved_scorer(config, dataset), "embedder", None) is not None
    return embeds and config.datasets[dataset].corpus is not None
