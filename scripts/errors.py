"""List what each model got wrong on one dataset."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.core.io.jsonl import read_rows
    from modellab.core.records import Question
    from modellab.evaluation.compare.errors import write_errors, write_wrong_questions
    from modellab.evaluation.compare.marks import marks_of
    from modellab.evaluation.compare.score_files import read_scored_models
    from modellab.tasks import canonical_answer

    files = (snakemake.input.summaries, snakemake.input.rows)
    questions = read_rows(Path(snakemake.input.questions), Question)
    canonical = canonical_answer(snakemake.params.kind)
    marks = marks_of(questions, read_scored_models(*files), canonical)
    write_errors(Path(snakemake.output.table), questions, marks)
    write_wrong_questions(Path(snakemake.output.folder), questions, read_scored_models(*files))
