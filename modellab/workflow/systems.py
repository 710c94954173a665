"""The systems in a config, and the judges of their answers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from modellab.config.answering import models_asked, retrievers_answered, unanswered
from modellab.config.entries import judges_of, resolved_judge, synthetic_questions
from modellab.config.schema import Config
from modellab.core import layout
from modellab.generation.shards import Shard
from modellab.models.protocol import ModelOptions, Place
from modellab.retrieval.embedding_coverage import has_vectors
from modellab.workflow.rounds import parts_of


@dataclass(frozen=True)
class System:
    """A model that answers a dataset, with its retrievers (none if it gets no passages)."""

    dataset: str
    model: str
    retrievers: tuple[str, ...]


class Systems:
    """The systems of a config, each dataset's in the order of the config.

    Args:
        config: The config. With `partial`, models without predictions are left out.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._missing = {
            name: unanswered(config, name) if config.partial else [] for name in config.datasets
        }

    @cached_property
    def answered(self) -> tuple[System, ...]:
        """One per dataset and model."""
        return tuple(
            System(dataset, model, self.retrievers(dataset, model))
            for dataset in self._config.datasets
            for model in models_asked(self._config, dataset)
            if model not in self._missing[dataset]
        )

    def models(self, dataset: str) -> list[str]:
        """The models whose answers to a dataset are scored and compared."""
        return [row.model for row in self.answered if row.dataset == dataset]

    def human_counterparts(self, dataset: str) -> list[str]:
        """The datasets with human questions on the same corpus as a synthetic dataset.

        Empty for a dataset that is not synthetic.
        """
        made, own = synthetic_questions(self._config), self._config.datasets[dataset]
        if own.questions not in made:
            return []
        return [
            name
            for name, other in self._config.datasets.items()
            if other.corpus == own.corpus
            and other.questions not in made
            and other.task.asks_models
            and self.models(name)
        ]

    def synthetic(self) -> list[str]:
        """The synthetic datasets that have human counterparts."""
        return [name for name in self._config.datasets if self.human_counterparts(name)]

    def missing(self, dataset: str) -> list[str]:
        """The models that are missing in tables and plots; only with `partial: true`."""
        return self._missing[dataset]

    def retrievers(self, dataset: str, model: str) -> tuple[str, ...]:
        """The retrievers whose contexts a model reads; empty if it brings its own."""
        if self._config.datasets[dataset].corpus is None:
            return ()
        names = retrievers_answered(self._config, dataset, model)
        return tuple(name for name in names if name in self._config.retrievers)

    def judges(self, dataset: str) -> list[str]:
        return judges_of(self._config, dataset)

    def judged_by(self, dataset: str) -> list[str]:
        """The judges with models to judge; with `partial: true`, those that are finished."""
        names = [name for name in self.judges(dataset) if self.judged(dataset, name)]
        if not self._config.partial:
            return names
        return [name for name in names if self._is_judged(dataset, name)]

    def judged(self, dataset: str, judge: str) -> list[str]:
        """The models that a judge judges; ensembles repeat their members' answers, and are only
        judged if the judge names them."""
        wanted, known = self._config.judges[judge].models, self.models(dataset)
        if wanted is not None:
            return [name for name in known if name in wanted]
        return [name for name in known if self._place(name) != Place.VOTE]

    def compared(self, dataset: str, judge: str) -> list[str]:
        """The models of a dataset that a judge compares others with."""
        wanted = self._config.judges[judge].compared_with()
        return [name for name in wanted if name in self.models(dataset)]

    def read_by_judge(self, dataset: str, judge: str) -> list[str]:
        """The models whose answers a judge reads."""
        both = (*self.judged(dataset, judge), *self.compared(dataset, judge))
        return list(dict.fromkeys(both))

    def models_in(self, place: str) -> list[str]:
        """The models in a place (a value of `Place`), by the names of their shards and rounds."""
        return [
            part
            for name, model in self._config.models.items()
            if model.place() == Place(place)
            for part in (*shards_of(name, model), *parts_of(self._config, name))
        ]

    def in_shards(self) -> list[str]:
        """The models that are split into shards."""
        return [name for name, model in self._config.models.items() if model.shards > 1]

    def judges_in(self, place: str) -> list[str]:
        """The judges whose model runs in a place."""
        names = (name for name, judge in self._config.judges.items() if judge.enabled)
        models = {name: resolved_judge(self._config, name).judging_model for name in names}
        return [name for name, model in models.items() if model.place() == Place(place)]

    def planners_in(self, place: str) -> list[str]:
        """The retrievers whose planner runs in a place."""
        planners = {name: entry.planner() for name, entry in self._config.retrievers.items()}
        return [n for n, model in planners.items() if model and self._place(model) == Place(place)]

    def syntheses_on(self, gpu: bool) -> list[str]:
        """The syntheses whose models need a GPU, or the others."""
        models = {
            name: entry.resolved(self._config.models).values()
            for name, entry in self._config.synthesize.items()
        }
        return [name for name, used in models.items() if any(m.gpu_need() for m in used) == gpu]

    def databases(self, embedded: bool) -> list[str]:
        """The databases that are restored into a file of the results, or the others."""
        entries = self._config.databases.items()
        return [name for name, entry in entries if entry.embedded() == embedded]

    def with_vectors(self) -> list[str]:
        """The retrievers whose indexes hold vectors."""
        return [name for name, entry in self._config.retrievers.items() if has_vectors(entry)]

    def with_corpus(self) -> list[str]:
        """The datasets about documents, which have retrievers."""
        return [name for name, entry in self._config.datasets.items() if entry.corpus is not None]

    def with_answers(self) -> list[str]:
        """The datasets that are put to models, and not only to retrievers."""
        return [name for name, entry in self._config.datasets.items() if entry.task.asks_models]

    def with_task(self, kind: str) -> list[str]:
        return [name for name, entry in self._config.datasets.items() if entry.task.kind == kind]

    def with_judges(self) -> list[str]:
        return [name for name in self._config.datasets if self.judges(name)]

    def with_ranking(self) -> list[str]:
        return [name for name, entry in self._config.datasets.items() if entry.ranking]

    def with_targets(self) -> list[str]:
        """The datasets with a metric that has a target."""
        return [name for name in self._config.datasets if self._config.targets.of_dataset(name)]

    def retrievers_on(self, dataset: str) -> tuple[str, ...]:
        """The retrievers that a dataset compares."""
        return self._config.datasets[dataset].retrievers or tuple(self._config.retrievers)

    def _place(self, model: str) -> Place:
        return self._config.models[model].place()

    def _is_judged(self, dataset: str, judge: str) -> bool:
        """Whether the judgements are newer than all answers that the judge reads."""
        folder = self._config.results / dataset
        judgements = folder / layout.JUDGEMENTS.format(judge=judge)
        answers = (
            folder / layout.PREDICTIONS.format(model=model)
            for model in self.read_by_judge(dataset, judge)
        )
        if not judgements.exists():
            return False
        made = judgements.stat().st_mtime_ns
        return all(path.stat().st_mtime_ns <= made for path in answers if path.exists())


def shards_of(name: str, model: ModelOptions) -> list[str]:
    """The names of a model's jobs: `qwen`, or `qwen/1-of-2` and `qwen/2-of-2`."""
    shards = (Shard(number + 1, model.shards) for number in range(model.shards))
    return [f"{name}{shard.suffix()}" for shard in shards]
