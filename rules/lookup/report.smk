"""Of what a report shows."""

from modellab.core.code import code_digest
from modellab.reporting.page.assets_digest import page_digest
from modellab.reporting.page.views.production_judges import OF_LABELS


def in_report(path, category):
    """A picture or table of `snakemake --report`, with the caption that lies under its name."""
    inside = path.split("}/", 1)[1]
    caption = inside if "{" not in inside else inside.split("/")[0]
    return report(
        path,
        # from the rules' folder
        caption=f"../resources/captions/{Path(caption).with_suffix('.rst')}",
        category=category,
        subcategory="{query_log}" if "{query_log}" in path else "{dataset}",
        labels={"shows": Path(inside).stem.replace("_", " ")},
    )


def tables_of(wildcards):
    """The tables of a dataset that the report shows."""
    dataset = wildcards.dataset
    about = (
        *(
            "leaderboard",
            "statistics",
            "comparisons",
            "ranks",
            "minimum_detectable_effect",
            "audit",
        ),
        "noise_budget",
        *("agreement", "unique_wins", "errors", "status"),
        *(("overall_ranking",) if dataset in ranked_datasets() else ()),
        *(("extract_fields",) if dataset in with_task("extract") else ()),
        *(OF_LABELS if dataset in with_task("label") else ()),
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
        plot=wanted_plots(cfg, wildcards.dataset),
    )


def contexts_of_dataset(wildcards):
    models = models_of(wildcards.dataset)
    names = [name for m in models for name in retrievers_of(wildcards.dataset, m)]
    return [
        f"<results>/{wildcards.dataset}/contexts/{name}.jsonl"
        for name in dict.fromkeys(names)
    ]


def query_logs_of_dataset(wildcards):
    """What users asked of the same documents."""
    return [
        f"<results>/query_logs/{name}/tables"
        for name, options in cfg.query_logs.items()
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
        "controls": controls_of_models(wildcards),
        "scorer": plain(scorer_options(name)),
        "statistics": plain(cfg.statistics),
    }


def report_code():
    return [
        code_digest(["modellab.reporting.page.page", "modellab.tasks"]),
        page_digest(),
    ]
