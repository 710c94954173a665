"""Lay the answers of all models on one dataset side by side."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.core.io.jsonl import read_rows
    from modellab.core.records import Question
    from modellab.evaluation.compare.matrix import write_matrix
    from modellab.evaluation.compare.score_files import read_scored_model

    models = [
        read_scored_model(Path(summary), Path(rows))
        for summary, rows in zip(snakemake.input.summaries, snakemake.input.rows, strict=True)
    ]
    questions = read_rows(Path(snakemake.input.questions), Question)
    write_matrix(Path(snakemake.output[0]), questions, models, snakemake.params.missing)
