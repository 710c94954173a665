"""List what each model got wrong on one dataset."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.evaluation.compare.errors import write_errors

    write_errors(
        Path(snakemake.input.questions),
        snakemake.input.summaries,
        snakemake.input.rows,
        Path(snakemake.output.table),
        Path(snakemake.output.folder),
    )
