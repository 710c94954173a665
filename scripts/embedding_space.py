"""Put the embedders of one dataset side by side."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.evaluation.diagnostics.embedding_table import gather

    gather([Path(path) for path in snakemake.input], Path(snakemake.output[0]))
