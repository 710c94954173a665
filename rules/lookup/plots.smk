"""Of plots and the files that they are drawn from."""

from modellab.config.judges import judges_of
from modellab.core.code import code_digest
from modellab.reporting.plots import PLOTS

#: where a plot's sources are (`modellab.reporting.plots.data`): patterns over {dataset} and {model}
PLOT_SOURCES = {
    "scores": "<results>/{dataset}/scores/{model}.json",
    "questions": "<results>/{dataset}/questions.jsonl",
    "rows": "<results>/{dataset}/scores/{model}.csv",
    "predictions": "<results>/{dataset}/predictions/{model}.jsonl",
    "runs": "<results>/{dataset}/runs/{model}.json",
    "statistics": "<results>/{dataset}/statistics.csv",
    "comparisons": "<results>/{dataset}/comparisons.csv",
    "retrieval": "<results>/{dataset}/retrieval.csv",
    "noise_budget": "<results>/{dataset}/noise_budget.csv",
    "error_attribution": "<results>/{dataset}/error_attribution.csv",
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
    modules = ["modellab.reporting.plots.drawing", "modellab.reporting.plots.reading"]
    return code_digest([*modules, PLOTS[wildcards.plot].module])
