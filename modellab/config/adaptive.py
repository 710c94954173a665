"""What can be wrong with a dataset that is asked in rounds."""

from __future__ import annotations

from collections.abc import Iterator

from modellab.config.answering import models_asked
from modellab.config.problem import Problem
from modellab.config.schema import Config
from modellab.models.asking.options import ApiOptions
from modellab.models.generators.ensemble import EnsembleOptions
from modellab.models.prices import load_prices


def adaptive_problems(config: Config) -> Iterator[Problem]:
    """Votes and rankings, which need all systems on the same questions; a budget without prices."""
    for name, dataset in config.datasets.items():
        if dataset.adaptive is None:
            continue
        here = ("datasets", name, "adaptive")
        if not dataset.task.asks_models:
            yield Problem(here, "no model is asked: retrievers alone are compared; leave it out")
        if dataset.ranking is not None:
            yield Problem(
                here, "a `ranking` needs the same questions of all systems; leave one of them out"
            )
        for model in models_asked(config, name):
            options = config.models[model]
            if isinstance(options, EnsembleOptions):
                yield Problem(
                    here,
                    f"{model!r} votes on answers that its members may not be asked for; give it "
                    "other `datasets`, or ask this one at once",
                )
            if (
                dataset.adaptive.budget_usd is not None
                and isinstance(options, ApiOptions)
                and not options.local
                and load_prices(options.prices).find(options.price_name()) is None
            ):
                yield Problem(
                    (*here, "budget_usd"), f"there is no price of {model!r}; give it `prices`"
                )
