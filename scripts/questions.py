"""Read the questions of a dataset."""

from job import recorded_log

with recorded_log(snakemake):
    from pathlib import Path

    from modellab.core.io.sql.options import SqlOptions
    from modellab.questions import parse_format
    from modellab.questions.selection import select_questions
    from modellab.tasks import parse_task

    sql = snakemake.params.sql
    select_questions(
        question_format=SqlOptions(**sql) if sql else parse_format(snakemake.params.format),
        task=parse_task(snakemake.params.task),
        path=None if sql else Path(snakemake.input.questions),
        chunks=Path(*snakemake.input.chunks) if snakemake.input.chunks else None,
        documents=Path(*snakemake.input.documents) if snakemake.input.documents else None,
        split=snakemake.params.split,
        limit=snakemake.params.limit,
        out=Path(snakemake.output[0]),
        read_as=Path(snakemake.output.read_as),
    )
