"""Put the true answers of a dataset to its own scorer."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.evaluation.truth_check import write_truth_check
    from modellab.tasks import parse_scorer, parse_task

    write_truth_check(
        Path(snakemake.input.questions),
        parse_task(snakemake.params.task),
        parse_scorer(snakemake.params.scorer),
        Path(snakemake.output[0]),
    )
