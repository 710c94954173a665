"""Of judges, what they judge and the tables about them."""

import math
import os
from types import SimpleNamespace

from modellab.config.controls import controls_of_model
from modellab.config.judges import judges_of, resolved_judge
from modellab.core.code import code_digest
from modellab.judging.tables import TABLES as JUDGE_TABLES


def judge_of(wildcards):
    """A judge's options, its model and embedder written out."""
    return resolved_judge(cfg, wildcards.judge)


def judged_models(dataset, judge):
    """The models whose answers to a dataset a judge judges.

    Ensembles only where it names them: their answers are those of their members.
    """
    wanted = cfg.judges[judge].models
    own = [name for name in models_of(dataset) if name not in ensembles()]
    return own if wanted is None else [n for n in models_of(dataset) if n in wanted]


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


def databases_of_judge(wildcards):
    """The databases that a judge's embedder reads vectors of."""
    judge = judge_of(wildcards)
    return rows_files(judge) if judge.reads_chunks() else []


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


def controls_of_models(wildcards):
    """By model the retrievers with which it is a reference point, where there are any."""
    dataset = wildcards.dataset
    found = {name: controls_of_model(cfg, dataset, name) for name in models_of(dataset)}
    return {name: retrievers for name, retrievers in found.items() if retrievers}


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
    corpus = cfg.datasets[dataset].corpus
    chunks = f"{cfg.results}/corpora/{corpus}/chunks.jsonl" if corpus else None
    return {
        **vars(names),
        "options": options.cache_key_fields(),
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
    return code_digest(["modellab.judging.judge", *sorted(modules)])
