"""How rules look things up in the config: one function per question, grouped by stage.

Each reads only the keys that its rule depends on, so that a change of the config makes only
what it decides anew.
"""

import math
import os
import re
from dataclasses import asdict
from types import SimpleNamespace

from modellab.config.checks import models_asked, unanswered
from modellab.config.judges import judges_of, resolved_judge
from modellab.digest import code_digest
from modellab.embedding_coverage import has_vectors
from modellab.judge_tables import TABLES as JUDGE_TABLES
from modellab.plots import PLOTS
from modellab.plots.usage import PICTURES
from modellab.providers.protocol import Place
from modellab.report.assets_digest import page_digest
from modellab.scorers import default_scorer
from modellab.tiny_readers.readers import READERS, RECIPES


def one_of(names):
    """A pattern for exactly these names: a path with any other has no rule."""
    return "|".join(re.escape(name) for name in names) or "(?!)"


def models_run(place):
    """The models that run in a job without a card, in one with cards, or behind a server."""
    return [name for name, model in cfg.models.items() if model.place() == place]


def judges_run(place):
    """The judges whose model runs there."""
    return [
        name
        for name, judge in cfg.judges.items()
        if judge.enabled and resolved_judge(cfg, name).judging_model.place() == place
    ]


wildcard_constraints:
    corpus=one_of(cfg.corpora),
    dataset=one_of(cfg.datasets),
    usage=one_of(cfg.usage),
    synthesis=one_of(cfg.synthesize),
    retriever=one_of(cfg.retrievers),
    embedder=one_of(cfg.embedders),
    model=one_of(cfg.models),
    judge=one_of(cfg.judges),
    plot=one_of(PLOTS),


def models_of(dataset):
    """The enabled models that answer a dataset, in the order of the config.

    With `partial: true` only those whose predictions are there.
    """
    missing = missing_of(dataset)
    return [name for name in models_asked(cfg, dataset) if name not in missing]


def missing_of(dataset):
    """The models that tables and plots of a dataset go without; none but with `partial: true`."""
    return unanswered(cfg, dataset) if cfg.partial else []


def models_by_dataset():
    return {name: models_of(name) for name in cfg.datasets}


def missing_by_dataset():
    return {name: missing_of(name) for name in cfg.datasets}


def models_missing(wildcards):
    """What a table or plot must say that it goes without."""
    return missing_of(wildcards.dataset)


def retrievers_on(dataset):
    return cfg.datasets[dataset].retrievers or tuple(cfg.retrievers)


def retrievers_of(dataset, model):
    """The retrievers whose contexts a model reads on a dataset; none if it brings its own."""
    options = cfg.models[model]
    if not options.uses_contexts or cfg.datasets[dataset].corpus is None:
        return []
    wanted = retrievers_on(dataset)
    return [
        name
        for name in wanted
        if options.retrievers is None or name in options.retrievers
    ]


def selected_plots():
    return cfg.plots or tuple(PLOTS)


def task_of(wildcards):
    return cfg.datasets[wildcards.dataset].task


def task_files(wildcards):
    """The files that a task is described in, such as the schema of a record."""
    return [str(path) for path in task_of(wildcards).files().values()]


def with_corpus():
    """The datasets that are about documents, and so have retrievers."""
    return [
        name for name, dataset in cfg.datasets.items() if dataset.corpus is not None
    ]


def with_task(kind):
    """The datasets of one kind of task."""
    return [name for name, dataset in cfg.datasets.items() if dataset.task.kind == kind]


def corpus_of(wildcards):
    return cfg.datasets[wildcards.dataset].corpus


def plain(options):
    """Options as plain data, so that a params change is a change of these values only."""
    return options.model_dump(mode="json")


# Corpus


def corpus_files(wildcards):
    """The files of a corpus; of a database, that of SQLite, which is one."""
    options = cfg.corpora[wildcards.corpus]
    if options.sql:
        return options.sql.files()
    path = options.path
    if not path.is_dir():
        return [str(path)]
    found = [file for file in path.rglob("*") if file.is_file()]
    hidden = {
        file for file in found if any(p[0] == "." for p in file.relative_to(path).parts)
    }
    return sorted(str(file) for file in set(found) - hidden)


# Retrieval


CHUNKS = "<results>/corpora/{corpus}/chunks.jsonl"


def chunks_of_dataset(wildcards):
    corpus = corpus_of(wildcards)
    return [] if corpus is None else CHUNKS.format(corpus=corpus)


def question_files(wildcards):
    """The files of a folder of questions, so that a change of one is seen."""
    path = cfg.datasets[wildcards.dataset].questions
    return sorted(str(file) for file in path.glob("*") if file.is_file())


def question_code(wildcards):
    written_as = cfg.datasets[wildcards.dataset].format
    modules = [type(written_as).__module__, type(task_of(wildcards)).__module__]
    return code_digest(["modellab.questions.selection", *modules])


def retriever_options(name):
    """A retriever's options, its embedder written out."""
    options = cfg.retrievers[name]
    embedder = getattr(options, "embedder", None)
    by_name = isinstance(embedder, str)
    return options.with_embedder(cfg.embedders[embedder]) if by_name else options


def vector_journals():
    """Where vectors of finished models are kept, for all corpora and questions."""
    return f"{cfg.results}/vectors"


def index_of(wildcards, retriever):
    return f"<results>/corpora/{corpus_of(wildcards)}/indexes/{retriever}"


def vector_indexes(wildcards):
    """The indexes of vectors of a corpus, for all retrievers that have one."""
    return [
        f"<results>/corpora/{wildcards.corpus}/indexes/{name}"
        for name, options in cfg.retrievers.items()
        if has_vectors(options)
    ]


def searched(retriever):
    """The retrievers whose indexes are asked: its own, or those that it fuses."""
    options = cfg.retrievers[retriever]
    return [retriever] if options.indexed else list(options.searches())


def indexes_of_context(wildcards):
    return [index_of(wildcards, name) for name in searched(wildcards.retriever)]


def contexts_of_context(wildcards):
    return [
        f"<results>/{wildcards.dataset}/contexts/{name}.jsonl"
        for name in cfg.retrievers[wildcards.retriever].rearranges()
    ]


def member_options(wildcards):
    return {
        name: plain(retriever_options(name)) for name in searched(wildcards.retriever)
    }


def retriever_code(wildcards):
    names = {wildcards.retriever, *searched(wildcards.retriever)}
    modules = {type(retriever_options(name)).__module__ for name in names}
    return code_digest(["modellab.retrieve", *sorted(modules)])


# Usage


def usage_files(wildcards):
    """The table of questions, or the file of an SQLite database; of a server, nothing."""
    options = cfg.usage[wildcards.usage]
    return options.sql.files() if options.sql else [str(options.questions)]


def usage_index(wildcards):
    options = cfg.usage[wildcards.usage]
    return f"<results>/corpora/{options.corpus}/indexes/{options.retriever}"


# Synthesis


def synthesis_models(name):
    """The models of a synthesis, the one that makes questions first."""
    return cfg.synthesize[name].resolved(cfg.models)


def synthesis_prompts(wildcards):
    options = cfg.synthesize[wildcards.synthesis]
    shipped = Path(workflow.basedir) / "resources" / "prompts" / "synthesis"
    folder = options.prompts or os.path.relpath(shipped)
    return [f"{folder}/{name}.jinja" for name in options.prompt_names()]


def synthesis_model_files(wildcards):
    models = synthesis_models(wildcards.synthesis).values()
    return sorted({file for options in models for file in files_of(options)})


def synthesis_model_options(wildcards):
    models = synthesis_models(wildcards.synthesis)
    return {name: plain(options) for name, options in models.items()}


def synthesis_cards(name):
    """Its models are loaded one after the other."""
    return max(options.gpu_need() for options in synthesis_models(name).values())


def synthesis_tokens():
    """As `server_tokens`, for the models of a synthesis."""

    def asks(wildcards, token):
        models = synthesis_models(wildcards.synthesis).values()
        return int(token in {options.token() for options in models})

    return {
        token: lambda wildcards, token=token: asks(wildcards, token)
        for token in tokens(cfg)
    }


def synthesis_code(wildcards):
    models = synthesis_models(wildcards.synthesis).values()
    providers = {type(options).__module__ for options in models}
    return code_digest(["modellab.synthesis.making", *sorted(providers)])


# Predictions


def context_names(wildcards):
    """The retrievers of a model's contexts; None where the dataset has no corpus."""
    if corpus_of(wildcards) is None:
        return None
    return retrievers_of(wildcards.dataset, wildcards.model)


def contexts_of_model(wildcards):
    return [
        f"<results>/{wildcards.dataset}/contexts/{name}.jsonl"
        for name in retrievers_of(wildcards.dataset, wildcards.model)
    ]


def prompt_of(wildcards):
    options = cfg.models[wildcards.model]
    if not options.uses_prompt:
        return []
    dataset = cfg.datasets[wildcards.dataset]
    shipped = Path(workflow.basedir) / "resources" / "prompts" / dataset.task.prompt
    return [str(options.prompt or dataset.prompt or os.path.relpath(shipped))]


def files_of(options):
    """The files that a model consists of, if they lie on this machine."""
    paths = options.files().values()
    return sorted(
        str(file)
        for path in paths
        for file in (path.iterdir() if path.is_dir() else [path])
        if file.is_file()
    )


def model_files(wildcards):
    return files_of(cfg.models[wildcards.model])


def model_options(wildcards):
    """What decides a model's answers, and how many of them are asked for."""
    options = cfg.models[wildcards.model]
    asking = {"repeats": options.repeats, "retry_blank": options.retry_blank}
    return {**options.decisive(), **asking}


def journal_of(wildcards):
    return f"{cfg.results}/{wildcards.dataset}/journal/{wildcards.model}.jsonl"


def prediction_seed(wildcards):
    return cfg.seed if cfg.models[wildcards.model].samples() else None


def prediction_code(wildcards):
    task = type(task_of(wildcards)).__module__
    provider = type(cfg.models[wildcards.model]).__module__
    return code_digest(["modellab.predict", provider, task])


def models_on_hub():
    """The models that are fetched before they can be used without a network."""
    return [name for name, model in cfg.models.items() if model.downloads()]


def timeout_seconds(wildcards):
    """A resource, not a param: another limit makes no answer stale. 0: none."""
    return math.ceil(60 * (cfg.models[wildcards.model].timeout_minutes or 0))


def server_tokens():
    """A resource for each server and API: 1 for the jobs that ask it."""
    return {
        token: lambda wildcards, token=token: int(
            cfg.models[wildcards.model].token() == token
        )
        for token in tokens(cfg)
    }


# Scores


def scorer_options(dataset):
    """A dataset's scorer, its embedder written out."""
    options = cfg.datasets[dataset].scorer
    options = options or default_scorer(cfg.datasets[dataset].task.kind)
    embedder = options.embedder_name()
    return options.with_embedder(cfg.embedders[embedder]) if embedder else options


def chunks_to_score(wildcards):
    """The corpus, for scorers with an embedder, which may have to learn from it."""
    embeds = getattr(scorer_options(wildcards.dataset), "embedder", None)
    return chunks_of_dataset(wildcards) if embeds else []


def scoring_seed(wildcards):
    return cfg.seed if chunks_to_score(wildcards) else 0


def scoring_code(wildcards):
    scorer = scorer_options(wildcards.dataset)
    modules = {type(task_of(wildcards)).__module__, type(scorer).__module__}
    stages = ["modellab.score", "modellab.compare.submissions"]
    return code_digest([*stages, *sorted(modules)])


def described_model(wildcards):
    """What the tables say of a model; none of it decides an answer."""
    options = cfg.models[wildcards.model]
    return {
        "provider": options.provider,
        "model_id": options.model_id(),
        "local": options.local,
        "size_b": options.size_b,
    }


# Judgements


def judge_of(wildcards):
    """A judge's options, its model and embedder written out."""
    return resolved_judge(cfg, wildcards.judge)


def judged_models(dataset, judge):
    """The models whose answers to a dataset a judge judges."""
    wanted = cfg.judges[judge].models
    return [name for name in models_of(dataset) if wanted is None or name in wanted]


def others_of(wildcards):
    """The models that a judge compares a model with."""
    names = cfg.judges[wildcards.judge].compared_with()
    return [
        name
        for name in names
        if name != wildcards.model and name in models_of(wildcards.dataset)
    ]


def other_predictions(wildcards):
    return [
        f"<results>/{wildcards.dataset}/predictions/{name}.jsonl"
        for name in others_of(wildcards)
    ]


def chunks_to_judge(wildcards):
    """The corpus, for judges with an embedder, which may have to learn from it."""
    return chunks_of_dataset(wildcards) if judge_of(wildcards).reads_chunks() else []


def prompts_of_judge(wildcards):
    shipped = Path(workflow.basedir) / "resources" / "prompts" / "judges"
    return judge_of(wildcards).prompt_files(Path(os.path.relpath(shipped)))


def judged_by_prompts(wildcards):
    return list(prompts_of_judge(wildcards))


def judge_prompts(wildcards):
    return [str(path) for path in prompts_of_judge(wildcards).values()]


def judge_files(wildcards):
    """The files that a judge's model consists of, if they lie on this machine."""
    return files_of(judge_of(wildcards).judging_model)


def judge_journal(wildcards):
    folder = f"{cfg.results}/{wildcards.dataset}/journal/judges"
    return f"{folder}/{wildcards.judge}/{wildcards.model}.jsonl"


def judge_timeout_seconds(wildcards):
    """A resource, not a param: another limit makes no judgement stale. 0: none."""
    return math.ceil(60 * (judge_of(wildcards).judging_model.timeout_minutes or 0))


def judge_tokens():
    """A resource for each server and API: 1 for the jobs that ask it."""
    return {
        token: lambda wildcards, token=token: int(
            judge_of(wildcards).judging_model.token() == token
        )
        for token in tokens(cfg)
    }


def judge_seed(wildcards):
    judge = judge_of(wildcards)
    return cfg.seed if judge.judging_model.samples() or judge.reads_chunks() else None


def judged_pairs(wildcards):
    """Each judge of a dataset with each model that it judges."""
    return [
        (judge, model)
        for judge in judges_of(cfg, wildcards.dataset)
        for model in judged_models(wildcards.dataset, judge)
        if not cfg.partial or is_judged(wildcards.dataset, judge, model)
    ]


def is_judged(dataset, judge, model):
    """Whether the judgements are there: with `partial: true` tables go without the others."""
    folder = Path(cfg.results) / dataset / "judgements" / judge
    return (folder / f"{model}.jsonl").exists()


def judgement_files(wildcards):
    folder = f"<results>/{wildcards.dataset}/judgements"
    return [
        f"{folder}/{judge}/{model}.jsonl" for judge, model in judged_pairs(wildcards)
    ]


def described_judges(wildcards):
    """What the tables say of judges; none of it decides a judgement."""
    judges = {
        name: resolved_judge(cfg, name) for name in judges_of(cfg, wildcards.dataset)
    }
    return {
        name: {
            "kind": judge.kind,
            "model_id": judge.judging_model.model_id(),
            "family": judge.family or judge.judging_model.family,
        }
        for name, judge in judges.items()
    }


def families_of_models(wildcards):
    return {name: cfg.models[name].family for name in models_of(wildcards.dataset)}


def human_labels(wildcards):
    path = cfg.judging.human_labels.get(wildcards.dataset)
    return [] if path is None else str(path)


def judged_datasets():
    return [name for name in cfg.datasets if judges_of(cfg, name)]


def planned_jobs():
    """All jobs of judges as plain data, with the files that they would read."""
    return [
        planned_job(dataset, judge, model)
        for dataset in judged_datasets()
        for judge in judges_of(cfg, dataset)
        for model in judged_models(dataset, judge)
    ]


def planned_job(dataset, judge, model):
    names = SimpleNamespace(dataset=dataset, judge=judge, model=model)
    options = judge_of(names)
    folder = f"{cfg.results}/{dataset}"
    chunks = f"{cfg.results}/corpora/{cfg.datasets[dataset].corpus}/chunks.jsonl"
    return {
        **vars(names),
        "options": options.decisive(),
        "prompts": {name: str(path) for name, path in prompts_of_judge(names).items()},
        "questions": f"{folder}/questions.jsonl",
        "predictions": f"{folder}/predictions/{model}.jsonl",
        "others": {n: f"{folder}/predictions/{n}.jsonl" for n in others_of(names)},
        "contexts": {
            n: f"{folder}/contexts/{n}.jsonl" for n in context_names(names) or []
        },
        "chunks": chunks if options.reads_chunks() else None,
        "retrievers": options.retrievers,
        "journal": judge_journal(names),
        "seed": judge_seed(names),
    }


def judge_outputs():
    """The tables of judges: of judged datasets, and of those whose models are judges."""
    tables = [
        f"<results>/{dataset}/judges/{table}.csv"
        for table in JUDGE_TABLES
        for dataset in judged_datasets()
    ]
    scores = collect("<results>/{dataset}/judge_scores.csv", dataset=judged_datasets())
    return [*tables, *scores, *production_tables()]


def production_tables():
    """Models that answer with labels, as judges that say whether to show an answer."""
    return collect(
        "<results>/{dataset}/judges/by_production_judge.csv",
        dataset=with_task("label"),
    )


def judge_code(wildcards):
    judge = judge_of(wildcards)
    modules = {type(part).__module__ for part in (judge, judge.judging_model)}
    return code_digest(["modellab.judge", *sorted(modules)])


# Diagnostics


ABOUT_ANSWERS = ("performance", "consistency")
ABOUT_PASSAGES = ("retrieval", "embedding_space", "causal_split")


def diagnostics():
    """The tables of each dataset: those on passages where there is a corpus."""
    return [
        f"<results>/{name}/{table}.csv"
        for name, dataset in cfg.datasets.items()
        for table in (*ABOUT_ANSWERS, *(ABOUT_PASSAGES if dataset.corpus else ()))
    ]


def ranking_code(wildcards):
    return [code_digest(["modellab.rankings"]), retriever_code(wildcards)]


def indexes_with_embedder(wildcards):
    """The indexes that an embedder made the vectors of."""
    return [
        index_of(wildcards, name)
        for name in retrievers_on(wildcards.dataset)
        if getattr(cfg.retrievers[name], "embedder", None) == wildcards.embedder
    ]


def embedder_code(wildcards):
    embedder = type(cfg.embedders[wildcards.embedder]).__module__
    return code_digest(["modellab.diagnostics.embedding_table", embedder])


def per_finder(wildcards, folder):
    """A file in that folder for each retriever whose passages can be right or wrong."""
    return [
        f"<results>/{wildcards.dataset}/{folder}/{name}.jsonl"
        for name in retrievers_on(wildcards.dataset)
        if cfg.retrievers[name].role in ("retrieved", "oracle")
    ]


def roles_of_retrievers(wildcards):
    """The retrievers of a dataset by what a score with them stands for."""
    names = retrievers_on(wildcards.dataset)

    def having(role):
        return [name for name in names if cfg.retrievers[name].role == role]

    return {
        "retrieved": having("retrieved"),
        "oracle": next(iter(having("oracle")), None),
        "none": next(iter(having("none")), None),
        "shuffled": {name: cfg.retrievers[name].of for name in having("shuffled")},
    }


def embedder_of_answers(wildcards):
    """What tells how near answers are: the scorer's embedder, or else the config's first."""
    own = getattr(scorer_options(wildcards.dataset), "embedder", None)
    options = own or next(iter(cfg.embedders.values()), None)
    return plain(options) if options else None


def record_rules(wildcards):
    """How values of extracted records are compared, where there are any."""
    extracts = task_of(wildcards).kind == "extract"
    return plain(scorer_options(wildcards.dataset)) if extracts else None


def consistency_code(wildcards):
    embedders = {type(options).__module__ for options in cfg.embedders.values()}
    return code_digest(["modellab.diagnostics.consistency_table", *sorted(embedders)])


def runs_of_dataset(wildcards):
    return collect(
        "<results>/{dataset}/runs/{model}.json",
        dataset=wildcards.dataset,
        model=models_of(wildcards.dataset),
    )


# Compare


def predictions_of_dataset(wildcards):
    return collect(
        "<results>/{dataset}/predictions/{model}.jsonl",
        dataset=wildcards.dataset,
        model=models_of(wildcards.dataset),
    )


def score_summaries(wildcards):
    return collect(
        "<results>/{dataset}/scores/{model}.json",
        dataset=wildcards.dataset,
        model=models_of(wildcards.dataset),
    )


def score_rows(wildcards):
    return collect(
        "<results>/{dataset}/scores/{model}.csv",
        dataset=wildcards.dataset,
        model=models_of(wildcards.dataset),
    )


# Ranking


def ranked_datasets():
    return [name for name, dataset in cfg.datasets.items() if dataset.ranking]


def judge_scores_of(wildcards):
    judged = wildcards.dataset in judged_datasets()
    return f"<results>/{wildcards.dataset}/judge_scores.csv" if judged else []


# Audit


def control_retrievers():
    """Retrievers whose systems are expected to score low."""
    return [
        name for name, r in cfg.retrievers.items() if r.kind in ("none", "shuffled")
    ]


# Plots


#: where a plot's sources are (`modellab.plots.data`): patterns over {dataset} and {model}
PLOT_SOURCES = {
    "scores": "<results>/{dataset}/scores/{model}.json",
    "questions": "<results>/{dataset}/questions.jsonl",
    "rows": "<results>/{dataset}/scores/{model}.csv",
    "predictions": "<results>/{dataset}/predictions/{model}.jsonl",
    "runs": "<results>/{dataset}/runs/{model}.json",
    "statistics": "<results>/{dataset}/statistics.csv",
    "comparisons": "<results>/{dataset}/comparisons.csv",
    "retrieval": "<results>/{dataset}/retrieval.csv",
    "causal_split": "<results>/{dataset}/causal_split.csv",
    "agreement": "<results>/{dataset}/agreement.csv",
    "judge_scores": "<results>/{dataset}/judge_scores.csv",
}


def plot_inputs(wildcards):
    """The files of each source of a plot that this dataset has; the plot tells what is missing."""
    plot, dataset = PLOTS[wildcards.plot], wildcards.dataset
    absent = set() if cfg.datasets[dataset].corpus else set(ABOUT_PASSAGES)
    absent |= set() if judges_of(cfg, dataset) else {"judge_scores"}
    wanted = [
        name for name in ("scores", *plot.needs, *plot.uses) if name not in absent
    ]
    return {
        name: source_files(name, dataset) for name in wanted if name in PLOT_SOURCES
    }


def source_files(name, dataset):
    pattern = PLOT_SOURCES[name]
    models = models_of(dataset) if "{model}" in pattern else [None]
    return [pattern.format(dataset=dataset, model=model) for model in models]


def plot_code(wildcards):
    modules = ["modellab.plots.drawing", "modellab.plots.reading"]
    return code_digest([*modules, PLOTS[wildcards.plot].module])


# Report


def tables_of(wildcards):
    """The tables of a dataset that the report shows."""
    dataset = wildcards.dataset
    about = (
        *("leaderboard", "statistics", "comparisons", "ranks", "detectable", "audit"),
        *("agreement", "unique_wins", "errors"),
        *(("overall_ranking",) if dataset in ranked_datasets() else ()),
        *(("extract_fields",) if dataset in with_task("extract") else ()),
        *ABOUT_ANSWERS,
        *(ABOUT_PASSAGES if cfg.datasets[dataset].corpus else ()),
    )
    return [f"<results>/{dataset}/{table}.csv" for table in about]


def judged_of_dataset(wildcards):
    """What judges said of a dataset, and the tables about them."""
    folder = f"<results>/{wildcards.dataset}/"
    tables = [path for path in judge_outputs() if path.startswith(folder)]
    return [*tables, *judgement_files(wildcards)]


def plots_of(wildcards):
    return collect(
        "<results>/{dataset}/plots/{plot}.svg",
        dataset=wildcards.dataset,
        plot=selected_plots(),
    )


def contexts_of_dataset(wildcards):
    models = models_of(wildcards.dataset)
    names = [name for m in models for name in retrievers_of(wildcards.dataset, m)]
    return [
        f"<results>/{wildcards.dataset}/contexts/{name}.jsonl"
        for name in dict.fromkeys(names)
    ]


def usage_of_dataset(wildcards):
    """What users asked of the same documents."""
    return [
        f"<results>/usage/{name}/tables"
        for name, options in cfg.usage.items()
        if options.corpus == corpus_of(wildcards)
    ]


def settings_of(wildcards):
    """What the config says of a dataset, for people to read."""
    dataset, name = cfg.datasets[wildcards.dataset], wildcards.dataset
    corpora = (
        {dataset.corpus: plain(cfg.corpora[dataset.corpus])} if dataset.corpus else {}
    )
    return {
        "seed": cfg.seed,
        "limit": cfg.limit,
        "dataset": plain(dataset),
        "corpora": corpora,
        "retrievers": {
            one: plain(retriever_options(one))
            for one in (retrievers_on(name) if dataset.corpus else ())
        },
        "scorer": plain(scorer_options(name)),
        "statistics": plain(cfg.statistics),
    }


def report_code():
    return [code_digest(["modellab.report.page", "modellab.tasks"]), page_digest()]


# Tiny readers


def grown_from(wildcards):
    """The model that a reader grows from; the seedling grows from none."""
    parent = RECIPES[wildcards.reader].grows_from
    return [f"<results>/tiny-readers/{parent}"] if parent else []


def training_recipe(wildcards):
    return asdict(RECIPES[wildcards.reader])


def training_state(wildcards):
    """Where a training that was stopped goes on."""
    return f"{cfg.results}/tiny-readers/{wildcards.reader}.state"
