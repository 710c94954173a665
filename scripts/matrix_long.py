"""Lay the answers of all models on one dataset below each other."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.evaluation.compare.matrix import write_long_matrix

    write_long_matrix(
        Path(snakemake.input.questions),
        snakemake.input.summaries,
        snakemake.input.rows,
        Path(snakemake.output[0]),
    )
