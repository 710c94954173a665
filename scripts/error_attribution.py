"""Say for each model what retrieval and what reading loses."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.core.io.jsonl import read_rows
    from modellab.core.records import Question
    from modellab.evaluation.compare.score_files import read_scored_models
    from modellab.evaluation.diagnostics.error_attribution import Roles, write_error_attribution
    from modellab.evaluation.statistics.options import StatisticsOptions
    from modellab.tasks import parse_scorer, parse_task

    given, params = snakemake.input, snakemake.params
    write_error_attribution(
        Path(snakemake.output[0]),
        list(read_scored_models(given.summaries, given.rows)),
        Roles(**params.roles),
        read_rows(Path(given.questions), Question),
        parse_task(params.task),
        parse_scorer(params.scorer),
        StatisticsOptions(**params.statistics),
    )
