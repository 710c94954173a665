"""Lay the answers of all models on one dataset below each other."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.evaluation.compare.matrix_long import write_long_matrix
    from modellab.evaluation.compare.score_files import read_scored_models

    write_long_matrix(
        Path(snakemake.output[0]),
        read_scored_models(snakemake.input.summaries, snakemake.input.rows),
    )
