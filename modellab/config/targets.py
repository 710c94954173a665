"""What can be wrong with targets beyond their form: names that point to nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from modellab.config.problem import Problem
from modellab.config.schema import Config


def baseline_problems(config: Config) -> Iterator[Problem]:
    known: dict[str, Collection[str]] = {
        "datasets": config.datasets,
        "models": config.models,
        "retrievers": config.retrievers,
        "judges": config.judges,
        "embedders": config.embedders,
    }
    for number, target in enumerate(config.targets.metrics or ()):
        for key, names in known.items():
            for place, name in enumerate(getattr(target, key) or ()):
                if name not in names:
                    choices = ", ".join(names) or "there is none"
                    what = f"unknown {key.removesuffix('s')} {name!r}; choose from: {choices}"
                    yield Problem(("targets", "metrics", str(number), key, str(place)), what)
