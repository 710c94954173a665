"""Say how far the models agree on one dataset, and which questions are hard."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.ballots import BALLOTS
    from modellab.compare.agreement import write_agreement
    from modellab.compare.marks import marks_of
    from modellab.compare.score_files import read_scored_models
    from modellab.records import Question
    from modellab.storage.jsonl import read_rows

    questions = read_rows(Path(snakemake.input.questions), Question)
    models = read_scored_models(snakemake.input.summaries, snakemake.input.rows)
    write_agreement(
        questions,
        marks_of(questions, models, BALLOTS[snakemake.params.kind]),
        agreement=Path(snakemake.output.agreement),
        difficulty=Path(snakemake.output.difficulty),
        wins=Path(snakemake.output.wins),
    )
