"""Lay the answers of all models on one dataset side by side."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.compare.matrix import write_matrix

    write_matrix(
        snakemake.params.task,
        Path(snakemake.input.questions),
        [Path(path) for path in snakemake.input.rows],
        Path(snakemake.output[0]),
    )
