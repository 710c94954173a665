"""Lay the answers of all models on one dataset side by side."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.evaluation.compare.matrix import write_matrix

    write_matrix(
        Path(snakemake.input.questions),
        snakemake.input.summaries,
        snakemake.input.rows,
        Path(snakemake.output[0]),
        snakemake.params.missing,
    )
