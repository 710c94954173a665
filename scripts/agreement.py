"""Say how far the models agree on one dataset, and which questions are hard."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.core.io.jsonl import read_rows
    from modellab.core.records import Question
    from modellab.evaluation.compare.agreement import write_agreement
    from modellab.evaluation.compare.marks import marks_of
    from modellab.evaluation.compare.score_files import read_scored_models
    from modellab.tasks import canonical_answer

    questions = read_rows(Path(snakemake.input.questions), Question)
    models = read_scored_models(snakemake.input.summaries, snakemake.input.rows)
    write_agreement(
        questions,
        marks_of(questions, models, canonical_answer(snakemake.params.kind)),
        agreement=Path(snakemake.output.agreement),
        difficulty=Path(snakemake.output.difficulty),
        wins=Path(snakemake.output.wins),
    )
