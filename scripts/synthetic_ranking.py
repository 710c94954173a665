"""Compare the ranking on synthetic questions with those on people's."""

from job import recorded_log

with recorded_log(snakemake):
    from pathlib import Path

    from modellab.core.layout import QUESTIONS, SUMMARY
    from modellab.evaluation.diagnostics.synthetic_ranking import Ranked, write_synthetic_ranking
    from modellab.evaluation.frame import read_dataset
    from modellab.evaluation.statistics.options import StatisticsOptions
    from modellab.tasks import parse_scorer, parse_task

    def ranked(dataset, models, task, scorer):
        results = Path(snakemake.output.table).parents[2]
        folder = results / dataset
        summaries = [folder / SUMMARY.format(model=model) for model in models]
        rows = [path.with_suffix(".csv") for path in summaries]
        scores = read_dataset(folder / QUESTIONS, summaries, rows)
        return Ranked(scores, parse_task(task), parse_scorer(scorer))

    synthetic, *people = snakemake.params.datasets
    write_synthetic_ranking(
        Path(snakemake.output[0]),
        ranked(**synthetic),
        {one["dataset"]: ranked(**one) for one in people},
        StatisticsOptions(**snakemake.params.options),
        snakemake.params.seed,
    )
