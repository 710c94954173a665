"""Checks of ensembles: members, datasets, the source of their weights."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from modellab.config.answering import answers, models_asked, retrievers_answered
from modellab.config.problems import Problem
from modellab.config.schema import Config, DatasetOptions
from modellab.core.errors import InputError
from modellab.core.io.sql.options import SqlOptions
from modellab.core.io.yaml_file import Location
from modellab.core.metric import Better
from modellab.evaluation.metrics import better
from modellab.models.generators.ensemble import EnsembleOptions, WeightsFrom
from modellab.tasks import canonical_answer, default_scorer
from modellab.tasks.scorer import Material, make_scorer


def ensemble_problems(config: Config) -> Iterator[Problem]:
    """Problems of enabled ensembles; first those of all members, which the rest relies on."""
    found = {
        name: model
        for name, model in config.models.items()
        if isinstance(model, EnsembleOptions) and model.enabled
    }
    for name, options in found.items():
        yield from _members(config, name, options)
    for name in found:
        if path := _circle(found, name, (name,)):
            text = f"a circle: {' -> '.join(path)}; an ensemble cannot vote on its own answers"
            yield Problem(("models", name, "members"), text)
    for name, options in found.items():
        if options.weights_from and options.weights_from.component is not None:
            yield from _component(config, name, options.weights_from)
        yield from _datasets(config, name, options)


def _members(config: Config, name: str, options: EnsembleOptions) -> Iterator[Problem]:
    here = ("models", name, "members")
    if len(options.members) < 2:
        text = f"an ensemble needs two members or more, not {len(options.members)}"
        yield Problem(here, text)
    for index, member in enumerate(options.members):
        place = (*here, str(index))
        if member == name:
            yield Problem(place, f"{member!r} is this ensemble itself; name another model")
        elif member not in config.models:
            choices = ", ".join(other for other in config.models if other != name)
            yield Problem(place, f"unknown model {member!r}; choose from: {choices}")
        elif not config.models[member].enabled:
            text = f"{member!r} is not enabled; set `enabled: true` on it or leave it out"
            yield Problem(place, text)
        elif member in options.members[:index]:
            yield Problem(place, f"{member!r} is a duplicate")


def _circle(
    ensembles: Mapping[str, EnsembleOptions], start: str, path: Sequence[str]
) -> Sequence[str]:
    """The members by which an ensemble is a member of itself; empty if it is none."""
    options = ensembles.get(path[-1])
    for member in options.members if options else ():
        if member == start:
            return (*path, member)
        if member not in path and (found := _circle(ensembles, start, (*path, member))):
            return found
    return ()


def _component(config: Config, name: str, source: WeightsFrom) -> Iterator[Problem]:
    """A component that the scorer does not have, or of which lower is better."""
    here, component = ("models", name, "weights_from", "component"), str(source.component)
    known = _components(config, source.dataset)
    if known and component not in known:
        text = f"unknown component {component!r}; choose from: {', '.join(known)}"
        yield Problem(here, text)
    if better(component, config.datasets[source.dataset].task.kind) is Better.LOWER:
        yield Problem(here, f"lower {component!r} is better: it cannot weight a vote")


def _components(config: Config, dataset: str) -> tuple[str, ...]:
    """The components of a dataset's scores; none where a scorer needs an embedder to know them."""
    options = config.datasets[dataset]
    scorer = options.scorer or default_scorer(options.task.kind)
    if scorer.embedder_name() or scorer.task != options.task.kind:
        return ()
    try:
        return tuple(make_scorer(scorer, options.task, Material([], [])).components)
    except InputError:
        return ()  # another check reports that the task itself is wrong


def _datasets(config: Config, name: str, options: EnsembleOptions) -> Iterator[Problem]:
    here = ("models", name)
    named = options.datasets or tuple(d for d in config.datasets if answers(config, name, d))
    source = options.weights_from
    if not named and source and all(answers(config, m, source.dataset) for m in options.members):
        yield Problem(here, _leak(source.dataset))
    elif not named:
        yield Problem(here, "there is no dataset that all its members answer")
    for dataset in named:
        for member in options.members:
            if member not in models_asked(config, dataset):
                text = f"{member!r} does not answer dataset {dataset!r}; name it in its `datasets`"
                yield Problem((*here, "members"), text)
        yield from _vote(here, dataset, config.datasets[dataset].task.kind, options)
        if not retrievers_answered(config, dataset, name):
            each = (
                f"{member}: {_listed(retrievers_answered(config, dataset, member))}"
                for member in options.members
            )
            text = f"on dataset {dataset!r} its members have no retriever in common"
            yield Problem((*here, "members"), f"{text} ({'; '.join(each)})")
        if source:
            yield from _weights(config, name, dataset, options.members, source)


def _leak(dataset: str) -> str:
    return (
        f"its weights come from dataset {dataset!r}, which it would answer: test answers would "
        "leak into the vote; name another dataset or split in `weights_from`"
    )


def _vote(here: Location, dataset: str, task: str, options: EnsembleOptions) -> Iterator[Problem]:
    """Settings of the vote that make no sense for a kind of task."""
    canonical, votes = canonical_answer(task), options.strategy != "first_non_blank"
    about = f"dataset {dataset!r} ({task})"
    if not canonical.has_references and options.strategy == "answer_priority":
        text = f"answers to {about} have no references; say `majority`"
        yield Problem((*here, "strategy"), text)
    if not canonical.has_references and options.references:
        text = f"answers to {about} have no references; leave it out"
        yield Problem((*here, "references"), text)
    if votes and options.vote_on == "exact" and not canonical.repeats_exactly:
        text = f"answers to {about} are hardly ever the same letter by letter; say `normalised`"
        yield Problem((*here, "vote_on"), text)


def _weights(
    config: Config, name: str, dataset: str, members: Sequence[str], source: WeightsFrom
) -> Iterator[Problem]:
    """Members without the scores that weight their votes."""
    here = ("models", name, "weights_from")
    if source.dataset == dataset or _same_questions(config, source.dataset, dataset):
        yield Problem((*here, "dataset"), _leak(source.dataset))
        return
    for member in members:
        if member not in models_asked(config, source.dataset):
            text = f"member {member!r} has no score on dataset {source.dataset!r}; let it answer it"
            yield Problem((*here, "dataset"), text)
            continue
        known = retrievers_answered(config, source.dataset, member)
        for retriever in retrievers_answered(config, dataset, name):
            if (source.retriever or retriever) not in known:
                text = (
                    f"member {member!r} has no score with {source.retriever or retriever!r} on "
                    f"dataset {source.dataset!r}, but with: {_listed(known)}"
                )
                yield Problem((*here, "retriever"), text)


def _same_questions(config: Config, one: str, other: str) -> bool:
    """Whether two datasets ask the same file or table, and not two different splits of it."""
    a, b = config.datasets[one], config.datasets[other]
    splits = {a.split, b.split}
    return _asked(a) == _asked(b) and (len(splits) == 1 or None in splits)


def _asked(dataset: DatasetOptions) -> Path | SqlOptions | None:
    return dataset.questions.resolve() if dataset.questions else dataset.sql


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
