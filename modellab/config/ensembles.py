"""What can be wrong with an ensemble: its members, its datasets, where its weights come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from modellab.config.answering import answers, models_asked, retrievers_answered
from modellab.config.problem import Problem
from modellab.config.schema import Config, DatasetOptions
from modellab.config.source import Location
from modellab.core.errors import InputError
from modellab.core.io.sql.options import SqlOptions
from modellab.core.metric import Better
from modellab.evaluation.metrics import better
from modellab.models.generators.ensemble import EnsembleOptions, WeightsFrom
from modellab.tasks import canonical_answer, default_scorer
from modellab.tasks.metrics import make_scorer
from modellab.tasks.scorer import Material

#: fewer members have nothing to vote on
FEWEST = 2


def ensemble_problems(config: Config) -> Iterator[Problem]:
    """All problems of enabled ensembles: of all their members first, which the rest rests on."""
    found = {
        name: model
        for name, model in config.models.items()
        if isinstance(model, EnsembleOptions) and model.enabled
    }
    for name, options in found.items():
        yield from _members(config, name, options)
    for name in found:
        yield from _circle(found, name)
    for name, options in found.items():
        if options.weights_from:
            yield from _weighing(config, name, options.weights_from)
        yield from _answered(config, name, options)


def _members(config: Config, name: str, options: EnsembleOptions) -> Iterator[Problem]:
    here = ("models", name, "members")
    if len(options.members) < FEWEST:
        told = f"an ensemble needs two members or more, not {len(options.members)}"
        yield Problem(here, told)
    for index, member in enumerate(options.members):
        place = (*here, str(index))
        if member == name:
            yield Problem(place, f"{member!r} is this ensemble itself; name another model")
        elif member not in config.models:
            choices = ", ".join(other for other in config.models if other != name)
            yield Problem(place, f"unknown model {member!r}; choose from: {choices}")
        elif not config.models[member].enabled:
            told = f"{member!r} is not enabled; set `enabled: true` on it or leave it out"
            yield Problem(place, told)
        elif member in options.members[:index]:
            yield Problem(place, f"{member!r} is a duplicate")


def _circle(ensembles: Mapping[str, EnsembleOptions], name: str) -> Iterator[Problem]:
    """An ensemble that is, through others, a member of itself."""
    path = _way_back(ensembles, name, (name,))
    if path:
        told = f"a circle: {' -> '.join(path)}; an ensemble cannot vote on its own answers"
        yield Problem(("models", name, "members"), told)


def _way_back(
    ensembles: Mapping[str, EnsembleOptions], start: str, path: Sequence[str]
) -> Sequence[str]:
    options = ensembles.get(path[-1])
    for member in options.members if options else ():
        if member == start:
            return (*path, member)
        if member not in path and (found := _way_back(ensembles, start, (*path, member))):
            return found
    return ()


def _weighing(config: Config, name: str, source: WeightsFrom) -> Iterator[Problem]:
    here = ("models", name, "weights_from")
    if source.dataset not in config.datasets:
        choices = ", ".join(config.datasets)
        told = f"unknown dataset {source.dataset!r}; choose from: {choices}"
        yield Problem((*here, "dataset"), told)
        return
    if source.component is not None:
        place = (*here, "component")
        task = config.datasets[source.dataset].task.kind
        known = _components(config, source.dataset)
        yield from _component(place, source.component, task, known)


def _component(here: Location, name: str, task: str, known: Sequence[str]) -> Iterator[Problem]:
    """A component that the scorer does not give, or of which less is better."""
    if known and name not in known:
        yield Problem(here, f"unknown component {name!r}; choose from: {', '.join(known)}")
    if better(name, task) is Better.LOWER:
        yield Problem(here, f"of {name!r} less is better: it cannot weigh a vote")


def _components(config: Config, dataset: str) -> tuple[str, ...]:
    """The components of a dataset's scores; none where telling them needs an embedder."""
    options = config.datasets[dataset]
    scorer = options.scorer or default_scorer(options.task.kind)
    if scorer.embedder_name() or scorer.task != options.task.kind:
        return ()
    try:
        return tuple(make_scorer(scorer, options.task, Material([], [])).components)
    except InputError:
        return ()  # the task itself is wrong, which is told where it stands


def _answered(config: Config, name: str, options: EnsembleOptions) -> Iterator[Problem]:
    here = ("models", name)
    named = options.datasets or tuple(d for d in config.datasets if answers(config, name, d))
    if not named:
        yield Problem(here, _answers_nothing(config, options))
    for dataset in named:
        if dataset not in config.datasets:
            choices = ", ".join(config.datasets)
            yield Problem(
                (*here, "datasets"), f"unknown dataset {dataset!r}; choose from: {choices}"
            )
            continue
        for member in options.members:
            if member not in models_asked(config, dataset):
                told = f"{member!r} does not answer dataset {dataset!r}; name it in its `datasets`"
                yield Problem((*here, "members"), told)
        yield from _fits(here, dataset, config.datasets[dataset].task.kind, options)
        yield from _retrievers(config, name, dataset, options)
        if options.weights_from:
            yield from _weighed(config, name, dataset, options, options.weights_from)


def _answers_nothing(config: Config, options: EnsembleOptions) -> str:
    source = options.weights_from
    if source and all(answers(config, name, source.dataset) for name in options.members):
        return _leak(source.dataset)
    return "there is no dataset that all its members answer"


def _leak(dataset: str) -> str:
    return (
        f"its weights come from dataset {dataset!r}, which it would answer: test answers would "
        "leak into the vote; name another dataset or split in `weights_from`"
    )


def _fits(here: Location, dataset: str, task: str, options: EnsembleOptions) -> Iterator[Problem]:
    """A vote that makes no sense for a kind of task."""
    canonical, votes = canonical_answer(task), options.strategy != "first_non_blank"
    about = f"dataset {dataset!r} ({task})"
    if not canonical.has_references and options.strategy == "answer_priority":
        told = f"answers to {about} have no references; say `majority`"
        yield Problem((*here, "strategy"), told)
    if not canonical.has_references and options.references:
        told = f"answers to {about} have no references; leave it out"
        yield Problem((*here, "references"), told)
    if votes and options.vote_on == "exact" and not canonical.repeats_exactly:
        told = f"answers to {about} are hardly ever the same letter by letter; say `normalised`"
        yield Problem((*here, "vote_on"), told)


def _retrievers(
    config: Config, name: str, dataset: str, options: EnsembleOptions
) -> Iterator[Problem]:
    if retrievers_answered(config, dataset, name):
        return
    each = (f"{m}: {_named(retrievers_answered(config, dataset, m))}" for m in options.members)
    told = f"on dataset {dataset!r} its members have no retriever in common ({'; '.join(each)})"
    yield Problem(("models", name, "members"), told)


def _weighed(
    config: Config, name: str, dataset: str, options: EnsembleOptions, source: WeightsFrom
) -> Iterator[Problem]:
    here = ("models", name, "weights_from")
    if source.dataset == dataset or _same_questions(config, source.dataset, dataset):
        yield Problem((*here, "dataset"), _leak(source.dataset))
        return
    for member in options.members:
        if member not in models_asked(config, source.dataset):
            told = f"member {member!r} has no score on dataset {source.dataset!r}; let it answer it"
            yield Problem((*here, "dataset"), told)
            continue
        known = retrievers_answered(config, source.dataset, member)
        for retriever in retrievers_answered(config, dataset, name):
            if (source.retriever or retriever) not in known:
                told = (
                    f"member {member!r} has no score with {source.retriever or retriever!r} on "
                    f"dataset {source.dataset!r}, but with: {_named(known)}"
                )
                yield Problem((*here, "retriever"), told)


def _same_questions(config: Config, one: str, other: str) -> bool:
    """Whether two datasets ask the same file or table, and not two different splits of it."""
    a, b = config.datasets[one], config.datasets[other]
    splits = {a.split, b.split}
    return _asked(a) == _asked(b) and (len(splits) == 1 or None in splits)


def _asked(dataset: DatasetOptions) -> Path | SqlOptions | None:
    return dataset.questions.resolve() if dataset.questions else dataset.sql


def _named(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
