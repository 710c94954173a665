"""Say how far the models agree on one dataset, and which questions are hard."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.evaluation.compare.agreement import write_agreement

    write_agreement(
        Path(snakemake.input.questions),
        snakemake.input.summaries,
        snakemake.input.rows,
        snakemake.params.kind,
        Path(snakemake.output.agreement),
        Path(snakemake.output.difficulty),
        Path(snakemake.output.wins),
    )
