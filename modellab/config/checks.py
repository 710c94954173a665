"""What the schema cannot say: names that point to nothing, files that are not there."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from modellab.config.adaptive import adaptive_problems
from modellab.config.answering import models_asked
from modellab.config.databases import entries_of, sql_of
from modellab.config.ensembles import ensemble_problems
from modellab.config.problem import Problem
from modellab.config.questions import truth_problems
from modellab.config.schema import Config, DatasetOptions
from modellab.config.source import Location
from modellab.config.targets import baseline_problems
from modellab.core.errors import InputError
from modellab.core.metric import Better
from modellab.core.registry import kinds
from modellab.core.text.dictionaries import dictionary_trouble
from modellab.core.text.languages import AUTO
from modellab.evaluation.metrics import better
from modellab.judging import JudgeEntry
from modellab.judging.ragas.options import RagasOptions
from modellab.judging.scales import Scale
from modellab.models.embedders.pretrained import PretrainedOptions
from modellab.models.embedders.protocol import EmbedderOptions
from modellab.models.embedders.stored import StoredOptions
from modellab.models.generators.baseline import PassagesOptions
from modellab.models.protocol import ModelOptions
from modellab.models.submission_files import EXTERNAL
from modellab.reporting.plots import PLOTS
from modellab.retrieval.bm25 import Bm25Options
from modellab.retrieval.dense import DenseOptions
from modellab.tasks import scorers
from modellab.tasks.metrics import METRICS
from modellab.tasks.protocol import TaskOptions

#: folders of the results that a dataset of the same name would mix with
RESERVED_DATASETS = (
    *("corpora", "databases", "logs", "models", "registry", "smoke"),
    *("synthesis", "tiny-readers", "query_logs", "vectors"),
)


def first_problem(config: Config) -> Problem | None:
    """The first thing wrong with a config that fits the schema, in the order of the config."""
    sources = (_results, _databases, _corpora, _datasets, _embedders, _retrievers)
    checks = (*sources, _models, ensemble_problems, adaptive_problems, _judges)
    for check in (*checks, _query_logs, _synthesize, baseline_problems, _plots, _meetings):
        for problem in check(config):
            return problem
    return None


def _results(config: Config) -> Iterator[Problem]:
    path = config.results
    if path.exists() and not path.is_dir():
        yield Problem(("results",), f"{path}: a file, not a folder")
    for name, corpus in config.corpora.items():
        if corpus.path and path.resolve().is_relative_to(corpus.path.resolve()):
            yield Problem(
                ("results",), f"{path}: lies in corpus {name!r}, which would then read results"
            )


def _databases(config: Config) -> Iterator[Problem]:
    """Dumps that are not there; names of databases that are not known, or stand beside a URL."""
    for name, database in config.databases.items():
        if database.dump:
            yield from _exists(("databases", name, "dump"), database.dump)
        for file in database.files():
            yield from _is_file(("databases", name, "url"), Path(file))
    for location, options in sql_of(config):
        if options.database is None:
            continue
        yield from _known((*location, "database"), "database", options.database, config.databases)
        if options.url or options.url_env:
            yield Problem((*location, "database"), "its URL stands in `databases`; leave it out")


def _corpora(config: Config) -> Iterator[Problem]:
    for name, corpus in config.corpora.items():
        if corpus.path:
            yield from _exists(("corpora", name, "path"), corpus.path)
        for file in corpus.sql.files() if corpus.sql else ():
            yield from _exists(("corpora", name, "sql", "url"), Path(file))


def made_questions(config: Config) -> list[Path]:
    """The files of questions that the run itself makes, which need not be there before it."""
    return [config.results / "synthesis" / name / "questions.jsonl" for name in config.synthesize]


def _datasets(config: Config) -> Iterator[Problem]:
    made = made_questions(config)
    for name, dataset in config.datasets.items():
        here = ("datasets", name)
        if name in RESERVED_DATASETS:
            yield Problem(here, f"{name!r} is a folder of the results; choose another name")
        if dataset.corpus is not None:
            yield from _known((*here, "corpus"), "corpus", dataset.corpus, config.corpora)
            if not config.retrievers:
                yield Problem(("retrievers",), f"dataset {name!r} has a corpus; name a retriever")
        elif dataset.retrievers is not None:
            yield Problem((*here, "retrievers"), "there is no corpus to search; leave it out")
        yield from _scorer(config, here, dataset)
        yield from _ranking((*here, "ranking", "weights"), config, dataset)
        known = config.retrievers
        yield from _listed((*here, "retrievers"), "retriever", dataset.retrievers, known)
        if dataset.questions and dataset.questions not in made:
            if not dataset.format.reads_folder(dataset.questions):
                yield from _is_file((*here, "questions"), dataset.questions)
            yield from _exists((*here, "questions"), dataset.questions)
        yield from truth_problems(here, dataset)
        yield from _task((*here, "task"), dataset.task)
        if dataset.prompt:
            yield from _is_file((*here, "prompt"), dataset.prompt)


def _ranking(here: Location, config: Config, dataset: DatasetOptions) -> Iterator[Problem]:
    """A weighted mean of metrics of which more and of which less is good means nothing."""
    falling = {
        f"{name}/{metric}"
        for name, judge in config.judges.items()
        for metric, scale in judge.scales().items()
        if not scale.higher_is_better
    }
    for name in dataset.ranking.weights if dataset.ranking else ():
        if better(name, dataset.task.kind) is Better.LOWER or name in falling:
            yield Problem((*here, name), "lower is better: it cannot be in a weighted mean")


def _task(location: Location, task: TaskOptions) -> Iterator[Problem]:
    """A task whose own files are not there, or not what they should be."""
    for key, path in task.files().items():
        yield from _is_file((*location, key), path)
    try:
        task.make()
    except InputError as error:
        yield Problem(location, str(error))


def _scorer(config: Config, here: Location, dataset: DatasetOptions) -> Iterator[Problem]:
    scorer = dataset.scorer
    if scorer is None:
        return
    if scorer.task != dataset.task.kind:
        choices = ", ".join(kind for one in scorers(dataset.task.kind) for kind in kinds(one))
        what = f"scorer {scorer.kind!r} is for the task {scorer.task!r}"
        yield Problem((*here, "scorer"), f"{what}, not {dataset.task.kind!r}; choose {choices}")
    yield from _listed((*here, "scorer", "metrics"), "metric", scorer.metrics, METRICS)
    embedder = scorer.embedder_name()
    if embedder is not None:
        yield from _known((*here, "scorer", "embedder"), "embedder", embedder, config.embedders)
    yield from _any_text(config, (*here, "scorer", "embedder"), getattr(scorer, "embedder", None))


def _any_text(config: Config, here: Location, asked: object) -> Iterator[Problem]:
    """Answers of models are asked for, which stand in no database."""
    embedder = config.embedders.get(asked) if isinstance(asked, str) else asked
    if isinstance(embedder, EmbedderOptions) and not embedder.knows_any_text():
        yield Problem(
            here,
            "answers of models have no stored vector: give the embedder of kind 'stored' an "
            "`embedder`, or name another",
        )


def _embedders(config: Config) -> Iterator[Problem]:
    finished = {n: e for n, e in config.embedders.items() if isinstance(e, PretrainedOptions)}
    for location, entry in entries_of(StoredOptions, config):
        if isinstance(entry.embedder, str):
            here = (*location, "embedder")
            yield from _known(here, "embedder that is a finished model", entry.embedder, finished)


def _retrievers(config: Config) -> Iterator[Problem]:
    indexed = [name for name, entry in config.retrievers.items() if entry.indexed]
    before: list[str] = []
    for name, entry in config.retrievers.items():
        here = ("retrievers", name)
        if name == EXTERNAL:
            yield Problem(here, f"{EXTERNAL!r} stands for submissions; choose another name")
        for key, path in entry.files().items():
            yield from _is_file((*here, key), path)
        for other in entry.searches():
            yield from _known((*here, "of"), "retriever with an index", other, indexed)
        for other in entry.starts_from():
            yield from _known((*here, "of"), "retriever above it", other, before)
        if isinstance(entry, DenseOptions) and isinstance(entry.embedder, str):
            yield from _known((*here, "embedder"), "embedder", entry.embedder, config.embedders)
        if isinstance(entry, Bm25Options) and entry.segmenter == "dictionary":
            yield from _dictionary(config, here)
        if (planner := entry.planner()) is not None:
            yield from _planner(config, here, planner)
        # a retriever can only start from one that stands above it: so there is no circle
        before.append(name)


def _dictionary(config: Config, here: Location) -> Iterator[Problem]:
    """A corpus in a language that no dictionary is for, as far as the config tells it."""
    for corpus, options in config.corpora.items():
        trouble = None if options.language == AUTO else dictionary_trouble(options.language)
        if trouble:
            problem = f"corpus {corpus!r}: {trouble}; or use pairs"
            yield Problem((*here, "segmenter"), problem)


def _planner(config: Config, here: Location, name: str) -> Iterator[Problem]:
    yield from _known((*here, "model"), "model", name, config.models)
    model = config.models.get(name)
    if model is not None and not model.uses_prompt:
        yield Problem((*here, "model"), f"{name}: {model.provider} reads no prompt: it cannot plan")
    for key, path in model.files().items() if model else ():
        yield from _exists(("models", name, key), path)
    prompt = getattr(config.retrievers[here[1]], "prompt", None)
    if prompt:
        yield from _is_file((*here, "prompt"), prompt)


def _models(config: Config) -> Iterator[Problem]:
    enabled = [name for name, model in config.models.items() if model.enabled]
    if not enabled:
        yield Problem(("models",), "no model is enabled; set `enabled: true` on at least one")
    asked = [n for n in enabled if not isinstance(config.models[n], PassagesOptions)]
    if config.max_models is not None and len(asked) > config.max_models:
        yield Problem(
            ("max_models",),
            f"{len(asked)} models are enabled, more than the {config.max_models} allowed",
        )
    for name in enabled:
        model, here = config.models[name], ("models", name)
        yield from _listed((*here, "datasets"), "dataset", model.datasets, config.datasets)
        yield from _listed((*here, "retrievers"), "retriever", model.retrievers, config.retrievers)
        if model.retrievers is not None and not model.uses_contexts:
            yield Problem((*here, "retrievers"), "this provider reads no contexts; leave it out")
        for key, path in model.files().items():
            yield from _exists((*here, key), path)
        if isinstance(prompt := getattr(model, "prompt", None), Path):
            yield from _is_file((*here, "prompt"), prompt)


def _query_logs(config: Config) -> Iterator[Problem]:
    indexed = [name for name, entry in config.retrievers.items() if entry.indexed]
    for name, entry in config.query_logs.items():
        here = ("query_logs", name)
        yield from _known((*here, "corpus"), "corpus", entry.corpus, config.corpora)
        yield from _known((*here, "retriever"), "retriever with an index", entry.retriever, indexed)
        yield from _known((*here, "embedder"), "embedder", entry.embedder, config.embedders)
        if entry.questions:
            yield from _is_file((*here, "questions"), entry.questions)


def _judges(config: Config) -> Iterator[Problem]:
    for name, judge in config.judges.items():
        if judge.enabled:
            yield from _judge(config, ("judges", name), judge)
    yield from _same_scales(config)


def _same_scales(config: Config) -> Iterator[Problem]:
    """Scores by one name are compared, so they must be of one scale."""
    first: dict[str, tuple[str, Scale]] = {}
    for name, judge in config.judges.items():
        for metric, scale in judge.scales().items() if judge.enabled else ():
            other, known = first.setdefault(metric, (name, scale))
            if scale != known:
                yield Problem(
                    ("judges", name, "metrics", metric),
                    f"judge {other!r} has another scale for it; give it another name",
                )
    for dataset, path in config.judging.human_labels.items():
        here = ("judging", "human_labels", dataset)
        yield from _known(here, "dataset", dataset, config.datasets)
        yield from _is_file(here, path)


def _judge(config: Config, here: Location, judge: JudgeEntry) -> Iterator[Problem]:
    if isinstance(judge.model, str):
        yield from _known((*here, "model"), "model", judge.model, config.models)
    yield from _listed((*here, "datasets"), "dataset", judge.datasets, config.datasets)
    yield from _listed((*here, "models"), "model", judge.models, config.models)
    yield from _listed((*here, "retrievers"), "retriever", judge.retrievers, config.retrievers)
    yield from _listed((*here, "against"), "model", judge.compared_with(), config.models)
    if isinstance(judge, RagasOptions) and isinstance(judge.embedder, str):
        yield from _known((*here, "embedder"), "embedder", judge.embedder, config.embedders)
    if isinstance(judge, RagasOptions) and judge.reads_chunks():
        yield from _any_text(config, (*here, "embedder"), judge.embedder)
    model = config.models.get(judge.model) if isinstance(judge.model, str) else judge.model
    if isinstance(model, ModelOptions) and (problem := judge.misfit(model)):
        yield Problem((*here, "model"), f"this model cannot judge: {problem}")
    for key, path in judge.model.files().items() if isinstance(judge.model, ModelOptions) else ():
        yield from _exists((*here, "model", key), path)
    for metric, path in judge.own_prompts().items():
        yield from _is_file((*here, "prompts", metric), path)


def _synthesize(config: Config) -> Iterator[Problem]:
    for name, entry in config.synthesize.items():
        here = ("synthesize", name)
        yield from _known((*here, "corpus"), "corpus", entry.corpus, config.corpora)
        for key, model in entry.named():
            yield from _known((*here, key), "model", model, config.models)
        for model, options in entry.resolved(config.models).items():
            if not options.uses_prompt:
                yield Problem(here, f"{model}: {options.provider} reads no prompt")
            for key, path in options.files().items():
                yield from _exists((*here, key), path)
        for prompt in entry.prompt_names() if entry.prompts else ():
            assert entry.prompts is not None
            yield from _is_file((*here, "prompts"), entry.prompts / f"{prompt}.jinja")


def _plots(config: Config) -> Iterator[Problem]:
    yield from _listed(("plots",), "plot", config.plots, PLOTS)


def _meetings(config: Config) -> Iterator[Problem]:
    """Every dataset has a model, and every model a retriever that the dataset has too."""
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


def _is_file(location: Location, path: Path) -> Iterator[Problem]:
    yield from _exists(location, path)
    if path.is_dir():
        yield Problem(location, f"{path}: a folder, not a file")


def _exists(location: Location, path: Path) -> Iterator[Problem]:
    if not path.exists():
        where = "" if path.is_absolute() else f" in {Path.cwd()} or beside the config file"
        if len(path.parts) == 2 and not path.suffix and location[-1] in ("questions", "path"):
            where += f"; a data set of the hub is hf://datasets/{path}"
        yield Problem(location, f"{path}: no such file or folder{where}")
