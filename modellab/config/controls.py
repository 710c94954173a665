"""Which systems are controls: reference points beside the contenders, such as the right passages.

A control shows what could be reached, or what is known without help. It is not ranked.
"""

from __future__ import annotations

from modellab.config.answering import models_asked, retrievers_answered
from modellab.config.schema import Config
from modellab.retrieval.protocol import RetrieverOptions


def controls_of_model(config: Config, dataset: str, model: str) -> list[str]:
    """The retrievers with which a model is a control on a dataset, in their order.

    What a model's entry says goes before what its retriever's says. Where neither says anything,
    `oracle`, `shuffled`, `none` and what only rearranges their passages are controls as long as
    the dataset has a contender beside them: where nothing else is asked, they are the question.
    """
    named = retrievers_answered(config, dataset, model)
    by_kind = _has_contender(config, dataset)
    return [name for name in named if _is_control(config, dataset, model, name, by_kind)]


def roles_of_model(config: Config, dataset: str, model: str) -> dict[str, str]:
    """By retriever what its passages stand for; empty for answers without passages of ours."""
    named = retrievers_answered(config, dataset, model)
    found = {name: _retriever(config, dataset, name) for name in named}
    return {name: options.role if options else "" for name, options in found.items()}


def _has_contender(config: Config, dataset: str) -> bool:
    """Whether any system is a contender although kinds of retrievers make controls."""
    return any(
        not _is_control(config, dataset, model, name, by_kind=True)
        for model in models_asked(config, dataset)
        for name in retrievers_answered(config, dataset, model)
    )


def _is_control(config: Config, dataset: str, model: str, name: str, by_kind: bool) -> bool:
    options = _retriever(config, dataset, name)
    for said in (config.models[model].control, options.control if options else None):
        if said is not None:
            return said
    return by_kind and options is not None and _is_yardstick(config, options)


def _is_yardstick(config: Config, options: RetrieverOptions) -> bool:
    """Whether its passages are chosen by the truth, at random, or not at all."""
    if options.role != "retrieved":
        return True
    sources = options.starts_from()
    return bool(sources) and all(_is_yardstick(config, config.retrievers[s]) for s in sources)


def _retriever(config: Config, dataset: str, name: str) -> RetrieverOptions | None:
    """None where models are shown no passages at all, or bring answers of their own."""
    if config.datasets[dataset].corpus is None:
        return None
    return config.retrievers.get(name)
