"""Of plots and the files that they are drawn from."""

from modellab.config.judges import judges_of
from modellab.config.plots import wanted_plots
from modellab.core.code import code_digest
from modellab.reporting.plots import PLOTS, sources_of

#: where a plot's sources are (`modellab.reporting.plots.data`): patterns over {dataset} and {model}
PLOT_SOURCES = {
    "questions": "<results>/{dataset}/questions.jsonl",
    "rows": "<results>/{dataset}/scores/{model}.csv",
    "predictions": "<results>/{dataset}/predictions/{model}.jsonl",
    "runs": "<results>/{dataset}/runs/{model}.json",
}
A_TABLE = "<results>/{dataset}/{source}.csv"


def datasets_by_plots():
    """The datasets of which the same plots are drawn."""
    found = {}
    for dataset in cfg.datasets:
        found.setdefault(wanted_plots(cfg, dataset), []).append(dataset)
    return found


def plot_inputs(plots, dataset):
    """The files of all sources of these plots that a dataset has."""
    absent = set() if cfg.datasets[dataset].corpus else set(ABOUT_PASSAGES)
    absent |= set() if judges_of(cfg, dataset) else {"judge_scores"}
    sources = [
        source for plot in plots for part in sources_of(plot)[:2] for source in part
    ]
    return {
        name: source_files(name, dataset)
        for name in dict.fromkeys(("leaderboard", *sources))
        if name not in absent
    }


def source_files(name, dataset):
    pattern = PLOT_SOURCES.get(name, A_TABLE)
    models = models_of(dataset) if "{model}" in pattern else [None]
    return [
        pattern.format(dataset=dataset, model=model, source=name) for model in models
    ]


def plot_code(plots):
    modules = ["modellab.reporting.plots.drawing", *map(PLOTS.module, plots)]
    return code_digest(list(dict.fromkeys(modules)))
