"""Look over all runs on one dataset."""

from job import recorded_log

with recorded_log(snakemake):
    from pathlib import Path

    from modellab.core.io.jsonl import read_rows
    from modellab.core.records import Question
    from modellab.evaluation.audit.options import AuditOptions
    from modellab.evaluation.audit.subjects import ModelFiles, read_subjects, scorer_of_rows
    from modellab.evaluation.audit.table import write_audit
    from modellab.tasks import parse_scorer, parse_task

    given = snakemake.input
    files = zip(given.summaries, given.rows, given.predictions, given.runs, strict=True)
    questions = read_rows(Path(given.questions), Question)
    subjects = read_subjects(
        [ModelFiles(*map(Path, paths)) for paths in files],
        {question.id: question for question in questions},
        scorer_of_rows(parse_scorer(snakemake.params.scorer), parse_task(snakemake.params.task)),
    )
    write_audit(
        Path(snakemake.output.table),
        Path(snakemake.output.page),
        snakemake.wildcards.dataset,
        subjects,
        AuditOptions(**snakemake.params.thresholds),
        [Path(path) for path in given.contexts],
        Path(given.ranking) if given.ranking else None,
    )
