"""Of what a dataset's results are held against."""

from modellab.evaluation.targets.sources import described

#: the files of a table, by the names that its readers know
RATED = {
    "retrieval": {"retrieval": "retrieval.csv"},
    "embedding_space": {"embedding_space": "embedding_space.csv"},
    "error_attribution": {"error_attribution": "error_attribution.csv"},
    "consistency": {"consistency": "consistency.csv"},
    "efficiency": {"efficiency": "efficiency.csv"},
    "judge_scores": {"judge_scores": "judge_scores.csv"},
    "judges": {
        "self_consistency": "judges/self_consistency.csv",
        "resource_usage": "judges/resource_usage.csv",
    },
}


def baselines_on(dataset):
    """The targets of a dataset that the config names."""
    entries = cfg.targets.metrics or ()
    return [one for one in entries if one.datasets is None or dataset in one.datasets]


def rated_tables(wildcards):
    """The tables that hold a metric with a target, of those that the dataset has."""
    dataset = wildcards.dataset
    absent = {"scores"}
    absent |= set() if cfg.datasets[dataset].corpus else set(ABOUT_PASSAGES)
    absent |= set() if judges_of(cfg, dataset) else {"judge_scores", "judges"}
    found = {table for one in baselines_on(dataset) for table in described(one.metric)}
    return {
        name: f"<results>/{dataset}/{file}"
        for table, files in RATED.items()
        if table in found - absent
        for name, file in files.items()
    }


def targets_of(wildcards):
    """The targets as plain data, without those of other datasets."""
    options = plain(cfg.targets)
    if cfg.targets.metrics is not None:
        options["metrics"] = [plain(one) for one in baselines_on(wildcards.dataset)]
    return options
