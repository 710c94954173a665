"""Read the questions of a dataset."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.questions.selection import select_questions

    select_questions(
        written_as=snakemake.params.format,
        path=Path(snakemake.input.questions),
        chunks=Path(snakemake.input.chunks),
        limit=snakemake.params.limit,
        out=Path(snakemake.output[0]),
    )
