"""Input functions of adaptive datasets, whose rounds depend on earlier ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from modellab.config.schema import Config
from modellab.core.layout import ROUND
from modellab.generation.rounds import Round, read_round
from modellab.workflow.entries import Wildcards

#: separates a model and a round: `qwen/round-3`
_PART = "/round-"


class Rounds:
    """Input functions.

    Attributes:
        made: Gives the file of a round by dataset and number; a workflow with rounds sets it to
            its checkpoint.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self.made: Callable[[str, int], str] = self._existing

    def datasets(self) -> list[str]:
        return [name for name, entry in self._config.datasets.items() if entry.adaptive]

    def of_part(self, wildcards: Wildcards) -> list[str]:
        """The file of the round of a model's part; empty without rounds."""
        _, _, number = wildcards.model.partition(_PART)
        return [_path(wildcards.dataset, int(number))] if number else []

    def previous(self, wildcards: Wildcards) -> list[str]:
        number = int(wildcards.round)
        return [_path(wildcards.dataset, number - 1)] if number > 1 else []

    def before(self, pattern: str) -> Callable[[Wildcards], list[str]]:
        """The parts of all earlier rounds."""

        def files(wildcards: Wildcards) -> list[str]:
            dataset, number = wildcards.dataset, int(wildcards.round)
            if number == 1:
                return []
            rounds = [read_round(Path(self.made(dataset, n))) for n in range(1, number)]
            names = [f"{model}{_PART}{one.number}" for one in rounds for model in one.systems]
            return [f"<results>/{dataset}/{pattern.format(model=name)}" for name in names]

        return files

    def parts(self, pattern: str) -> Callable[[Wildcards], list[str]]:
        """A file, such as `layout.PREDICTIONS`, of each part of a model."""

        def files(wildcards: Wildcards) -> list[str]:
            dataset, model = wildcards.dataset, wildcards.model
            return [
                f"<results>/{dataset}/{pattern.format(model=f'{model}{_PART}{one.number}')}"
                for _, one in self._rounds(dataset)
                if one.questions and model in one.systems
            ]

        return files

    def last(self, wildcards: Wildcards) -> list[str]:
        """The last round, which records why systems were dropped."""
        if self._config.datasets[wildcards.dataset].adaptive is None:
            return []
        return [path for path, _ in self._rounds(wildcards.dataset)][-1:]

    def _rounds(self, dataset: str) -> Iterator[tuple[str, Round]]:
        number, last = 0, False
        while not last:
            number += 1
            path = self.made(dataset, number)
            found = read_round(Path(path))
            last = found.last
            yield path, found

    def _existing(self, dataset: str, number: int) -> str:
        return _path(dataset, number).replace("<results>", str(self._config.results))


def _path(dataset: str, number: int) -> str:
    return f"<results>/{dataset}/{ROUND.format(round=number)}"


def parts_of(config: Config, model: str) -> list[str]:
    """The names of a model's parts in any dataset."""
    most = max((d.adaptive.rounds for d in config.datasets.values() if d.adaptive), default=0)
    return [f"{model}{_PART}{number}" for number in range(1, most + 1)]
