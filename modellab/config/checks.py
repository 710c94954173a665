"""Checks beyond the schema: unknown names, missing files, impossible combinations."""

import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from modellab.config.answering import models_asked
from modellab.config.ensembles import ensemble_problems
from modellab.config.entries import entries_of, sql_of, synthetic_questions
from modellab.config.problems import Problem, require_file, require_path
from modellab.config.schema import Config, DatasetOptions
from modellab.core.errors import InputError
from modellab.core.io.yaml_file import Location
from modellab.core.layout import NO_DATASETS
from modellab.core.metric import Better
from modellab.core.options import Options
from modellab.core.records import EXTERNAL
from modellab.core.registry import kinds
from modellab.core.text.dictionaries import dictionary_trouble
from modellab.core.text.languages import AUTO
from modellab.evaluation.metrics import better
from modellab.judging.options import JudgeOptions
from modellab.judging.ragas.options import RagasOptions
from modellab.judging.records import Scale
from modellab.models.asking.options import ApiOptions
from modellab.models.embedders.pretrained import PretrainedOptions
from modellab.models.embedders.protocol import EmbedderOptions
from modellab.models.embedders.stored import StoredOptions
from modellab.models.generators.baseline import PassagesOptions
from modellab.models.generators.ensemble import EnsembleOptions
from modellab.models.prices import load_prices
from modellab.models.protocol import ModelOptions
from modellab.questions import QUESTION_FORMATS
from modellab.questions.selection import REFERENCE_FIELDS
from modellab.reporting.plots import PLOTS
from modellab.retrieval.bm25 import Bm25Options
from modellab.tasks import TASKS, scorers
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import METRICS

#: folders of the results that a dataset must not be named after
RESERVED_DATASETS = (*NO_DATASETS, "smoke")
#: keys of any entry that name entries of a section
_NAMING = {
    **{name: name for name in ("datasets", "models", "retrievers", "judges", "embedders")},
    "corpus": "corpora",
    "database": "databases",
    "dataset": "datasets",
    "against": "models",
    "embedder": "embedders",
}
_SINGULAR = {"corpora": "corpus", "databases": "database"}


def first_problem(config: Config) -> Problem | None:
    """The first problem of a config that fits the schema."""
    sources = (_results, _references, _databases_and_corpora, _datasets, _embedders, _retrievers)
    for check in (*sources, _models, ensemble_problems, _adaptive, _judges, _others, _combinations):
        for problem in check(config):
            return problem
    return None


def _references(config: Config) -> Iterator[Problem]:
    """Names of other entries, and prompt files, in all enabled entries."""
    for location, options in entries_of(Options, config, enabled=True):
        for key, section in _NAMING.items() if location else ():
            named, what = getattr(options, key, None), _SINGULAR.get(section, section[:-1])
            known: dict[str, Any] = getattr(config, section)
            if isinstance(named, str) and not isinstance(options, StoredOptions):
                yield from _known((*location, key), what, named, known)
            elif isinstance(named, tuple):
                yield from _listed((*location, key), what, named, known)
        if isinstance(prompt := getattr(options, "prompt", None), Path):
            yield from require_file((*location, "prompt"), prompt)


def _results(config: Config) -> Iterator[Problem]:
    path = config.results
    above = next((one for one in (path, *path.parents) if os.path.lexists(one)), path)
    if os.path.lexists(above) and not above.is_dir():
        yield Problem(("results",), f"{above}: not a folder")
    for name, corpus in config.corpora.items():
        # not Path.resolve, which raises RuntimeError for a loop of links
        own, others = (Path(os.path.realpath(one)) for one in (path, corpus.path or path))
        if corpus.path and own.is_relative_to(others):
            yield Problem(
                ("results",), f"{path}: lies in corpus {name!r}, which would then read results"
            )


def _databases_and_corpora(config: Config) -> Iterator[Problem]:
    for name, database in config.databases.items():
        if database.dump:
            yield from require_path(("databases", name, "dump"), database.dump)
        for file in database.files():
            yield from require_file(("databases", name, "url"), Path(file))
    for location, options in sql_of(config):
        if options.database and (options.url or options.url_env):
            yield Problem((*location, "database"), "its URL is in `databases`; leave it out here")
    for name, corpus in config.corpora.items():
        if corpus.path:
            yield from require_path(("corpora", name, "path"), corpus.path)
        for file in corpus.sql.files() if corpus.sql else ():
            yield from require_path(("corpora", name, "sql", "url"), Path(file))


def _datasets(config: Config) -> Iterator[Problem]:
    made = synthetic_questions(config)
    searched = any(dataset.corpus for dataset in config.datasets.values())
    searched = searched or bool(config.synthesize or config.query_logs)
    for name, dataset in config.datasets.items():
        here = ("datasets", name)
        if name in RESERVED_DATASETS:
            yield Problem(here, f"{name!r} is a folder of the results; choose another name")
        if dataset.corpus and not config.retrievers and _reads_passages(config, name):
            yield Problem(("retrievers",), f"dataset {name!r} has a corpus; name a retriever")
        if dataset.corpus is None and dataset.retrievers is not None:
            yield Problem((*here, "retrievers"), "there is no corpus to search; leave it out")
        if config.retrievers and config.corpora and not searched:
            known = ", ".join(config.corpora)
            advice = f"add the key corpus (known: {known}), or leave `retrievers` out"
            yield Problem(here, f"there is no corpus to search; {advice}")
        yield from _scorer(config, here, dataset)
        yield from _ranking((*here, "ranking", "weights"), config, dataset)
        if dataset.questions and dataset.questions not in made:
            if not dataset.format.reads_folder(dataset.questions):
                yield from require_file((*here, "questions"), dataset.questions)
            yield from require_path((*here, "questions"), dataset.questions)
        yield from _reference_fields(here, dataset)
        for key, path in dataset.task.files().items():
            yield from require_file((*here, "task", key), path)
        try:
            _ = dataset.task.answer_schema  # reads the files that define it
        except InputError as error:
            yield Problem((*here, "task"), str(error))


def _reads_passages(config: Config, dataset: str) -> bool:
    """Whether passages are needed: not if all answers are from files."""
    answering = [
        model.uses_contexts and not isinstance(model, EnsembleOptions)
        for model in config.models.values()
        if model.enabled and (model.datasets is None or dataset in model.datasets)
    ]
    return any(answering) or not config.datasets[dataset].task.asks_models


def _scorer(config: Config, here: Location, dataset: DatasetOptions) -> Iterator[Problem]:
    scorer = dataset.scorer
    if scorer is None:
        return
    if scorer.task != dataset.task.kind:
        choices = ", ".join(kind for one in scorers(dataset.task.kind) for kind in kinds(one))
        what = f"scorer {scorer.kind!r} is for the task {scorer.task!r}"
        yield Problem((*here, "scorer"), f"{what}, not {dataset.task.kind!r}; choose {choices}")
    yield from _listed((*here, "scorer", "metrics"), "metric", scorer.metrics, METRICS)
    yield from _check_embedder(
        config, (*here, "scorer", "embedder"), getattr(scorer, "embedder", None)
    )


def _check_embedder(config: Config, here: Location, embedder: object) -> Iterator[Problem]:
    """Answers of models have no stored vectors."""
    options = config.embedders.get(embedder) if isinstance(embedder, str) else embedder
    if isinstance(options, EmbedderOptions) and not options.knows_any_text():
        yield Problem(
            here,
            "answers of models have no stored vector: give the embedder of kind 'stored' an "
            "`embedder`, or name another",
        )


def _ranking(here: Location, config: Config, dataset: DatasetOptions) -> Iterator[Problem]:
    falling = {
        f"{name}/{metric}"
        for name, judge in config.judges.items()
        for metric, scale in judge.scales().items()
        if not scale.higher_is_better
    }
    for name in dataset.ranking.weights if dataset.ranking else ():
        if better(name, dataset.task.kind) is Better.LOWER or name in falling:
            yield Problem((*here, name), "lower is better: it cannot be in a weighted mean")


def _reference_fields(here: Location, dataset: DatasetOptions) -> Iterator[Problem]:
    """A format that lacks the field of the task's reference."""
    fields = REFERENCE_FIELDS if dataset.sql else dataset.format.reference_fields()
    if _has_reference(type(dataset.task), fields):
        return
    what = "a database" if dataset.sql else f"format {dataset.format.kind!r}"
    tasks = [
        name
        for name, task in TASKS.members().items()
        if task.asks_models and _has_reference(task, fields)
    ]
    formats = [
        name
        for name, options in QUESTION_FORMATS.members().items()
        if _has_reference(
            type(dataset.task), options.model_validate({"kind": name}).reference_fields()
        )
    ]
    yield Problem(
        (*here, "task"),
        f"the task {dataset.task.kind!r} needs {dataset.task.true_field!r}, which {what} does not "
        f"have; choose the task {_either(tasks)}, or the format {_either(formats)}",
    )


def _has_reference(task: type[TaskOptions], fields: frozenset[str] | None) -> bool:
    """Whether a format with these fields (None: any) has the references of a task."""
    return not task.needs_truth or fields is None or task.true_field in fields


def _either(names: list[str]) -> str:
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _embedders(config: Config) -> Iterator[Problem]:
    pretrained = [n for n, one in config.embedders.items() if isinstance(one, PretrainedOptions)]
    for location, entry in entries_of(StoredOptions, config):
        if isinstance(entry.embedder, str):
            here, what = (*location, "embedder"), "embedder that is a pretrained model"
            yield from _known(here, what, entry.embedder, pretrained)


def _retrievers(config: Config) -> Iterator[Problem]:
    indexed = [name for name, entry in config.retrievers.items() if entry.indexed]
    before: list[str] = []
    for name, entry in config.retrievers.items():
        here = ("retrievers", name)
        if name == EXTERNAL:
            yield Problem(here, f"{EXTERNAL!r} is the name for submissions; choose another name")
        for key, path in entry.files().items():
            yield from require_file((*here, key), path)
        for other in entry.searches():
            yield from _known((*here, "of"), "retriever with an index", other, indexed)
        for other in entry.starts_from():
            yield from _known((*here, "of"), "retriever above it", other, before)
        if isinstance(entry, Bm25Options) and entry.segmenter == "dictionary":
            for corpus, options in config.corpora.items():
                if options.language != AUTO and (trouble := dictionary_trouble(options.language)):
                    problem = f"corpus {corpus!r}: {trouble}; or use pairs"
                    yield Problem((*here, "segmenter"), problem)
        if (planner := entry.planner()) is not None:
            yield from _planner(config, here, planner)
        # retrievers can only start from those above them, so there is no cycle
        before.append(name)


def _planner(config: Config, here: Location, name: str) -> Iterator[Problem]:
    yield from _known((*here, "model"), "model", name, config.models)
    model = config.models.get(name)
    if model is not None and not model.uses_prompt:
        yield Problem((*here, "model"), f"{name}: {model.provider} uses no prompt: it cannot plan")
    for key, path in model.files().items() if model else ():
        yield from require_path(("models", name, key), path)


def _models(config: Config) -> Iterator[Problem]:
    enabled = {name: model for name, model in config.models.items() if model.enabled}
    if not enabled:
        yield Problem(("models",), "no model is enabled; set `enabled: true` on at least one")
    asked = [one for one in enabled.values() if not isinstance(one, PassagesOptions)]
    if config.max_models is not None and len(asked) > config.max_models:
        text = f"{len(asked)} models are enabled, more than the {config.max_models} allowed"
        yield Problem(("max_models",), text)
    for name, model in enabled.items():
        if model.retrievers is not None and not model.uses_contexts:
            text = "this provider reads no contexts; leave it out"
            yield Problem(("models", name, "retrievers"), text)
        for key, path in model.files().items():
            yield from require_path(("models", name, key), path)


def _adaptive(config: Config) -> Iterator[Problem]:
    """Votes and rankings need all systems on the same questions; a budget needs prices."""
    for name, dataset in config.datasets.items():
        if dataset.adaptive is None:
            continue
        here = ("datasets", name, "adaptive")
        if not dataset.task.asks_models:
            yield Problem(here, "no model is asked: retrievers alone are compared; leave it out")
        if dataset.ranking is not None:
            text = "a `ranking` needs the same questions of all systems; leave one of them out"
            yield Problem(here, text)
        for model in models_asked(config, name):
            options = config.models[model]
            if isinstance(options, EnsembleOptions):
                yield Problem(
                    here,
                    f"{model!r} votes on answers that its members may not be asked for; give it "
                    "other `datasets`, or ask this one at once",
                )
            elif (
                dataset.adaptive.budget_usd is not None
                and isinstance(options, ApiOptions)
                and not options.local
                and load_prices(options.prices).find(options.price_name()) is None
            ):
                text = f"there is no price of {model!r}; give it `prices`"
                yield Problem((*here, "budget_usd"), text)


def _judges(config: Config) -> Iterator[Problem]:
    first: dict[str, tuple[str, Scale]] = {}
    for name, judge in config.judges.items():
        if not judge.enabled:
            continue
        yield from _judge(config, ("judges", name), judge)
        for metric, scale in judge.scales().items():
            other, known = first.setdefault(metric, (name, scale))
            if scale != known:
                text = f"judge {other!r} has another scale for it; give it another name"
                yield Problem(("judges", name, "metrics", metric), text)
    for dataset, path in config.judging.human_labels.items():
        here = ("judging", "human_labels", dataset)
        yield from _known(here, "dataset", dataset, config.datasets)
        yield from require_file(here, path)


def _judge(config: Config, here: Location, judge: JudgeOptions) -> Iterator[Problem]:
    if isinstance(judge.model, str):
        yield from _known((*here, "model"), "model", judge.model, config.models)
    if isinstance(judge, RagasOptions) and judge.reads_chunks():
        yield from _check_embedder(config, (*here, "embedder"), judge.embedder)
    model = config.models.get(judge.model) if isinstance(judge.model, str) else judge.model
    if isinstance(model, ModelOptions) and (problem := judge.problem_with(model)):
        yield Problem((*here, "model"), f"this model cannot judge: {problem}")
    for key, path in judge.model.files().items() if isinstance(judge.model, ModelOptions) else ():
        yield from require_path((*here, "model", key), path)
    for metric, path in judge.own_prompts().items():
        yield from require_file((*here, "prompts", metric), path)


def _others(config: Config) -> Iterator[Problem]:
    """Query logs, syntheses and plots."""
    indexed = [name for name, entry in config.retrievers.items() if entry.indexed]
    for name, log in config.query_logs.items():
        here: Location = ("query_logs", name)
        yield from _known((*here, "retriever"), "retriever with an index", log.retriever, indexed)
        if log.questions:
            yield from require_file((*here, "questions"), log.questions)
    for name, entry in config.synthesize.items():
        here = ("synthesize", name)
        for key, model in entry.named():
            yield from _known((*here, key), "model", model, config.models)
        for model, options in entry.resolved(config.models).items():
            if not options.uses_prompt:
                yield Problem(here, f"{model}: {options.provider} uses no prompt")
            for key, path in options.files().items():
                yield from require_path((*here, key), path)
        for prompt in entry.prompt_names() if entry.prompts else ():
            yield from require_file((*here, "prompts"), Path(f"{entry.prompts}/{prompt}.jinja"))
    yield from _listed(("plots",), "plot", config.plots, PLOTS)


def _combinations(config: Config) -> Iterator[Problem]:
    """Every dataset needs a model, and every model a retriever that the dataset has too."""
    for name, dataset in config.datasets.items():
        asked = {model: config.models[model] for model in models_asked(config, name)}
        if not asked:
            yield Problem(("datasets", name), "no enabled model answers it; remove it or add one")
        if dataset.corpus is None:
            continue
        offered = dataset.retrievers or tuple(config.retrievers)
        for model, options in asked.items():
            if options.retrievers is not None and not set(options.retrievers) & set(offered):
                yield Problem(
                    ("models", model, "retrievers"),
                    f"none of them is one of dataset {name!r}'s: {', '.join(offered)}",
                )


def _listed(
    location: Location, what: str, names: tuple[str, ...] | None, known: Collection[str]
) -> Iterator[Problem]:
    for index, name in enumerate(names or ()):
        yield from _known((*location, str(index)), what, name, known)
        if names and name in names[:index]:
            yield Problem((*location, str(index)), f"{name!r} is a duplicate")


def _known(location: Location, what: str, name: str, names: Collection[str]) -> Iterator[Problem]:
    if name not in names:
        choices = ", ".join(names) or "there is none"
        yield Problem(location, f"unknown {what} {name!r}; choose from: {choices}")
