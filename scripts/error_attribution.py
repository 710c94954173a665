"""Say for each model what retrieval and what reading loses."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.evaluation.diagnostics.error_attribution import Roles, write_error_attribution
    from modellab.evaluation.statistics.options import StatisticsOptions
    from modellab.tasks import parse_scorer, parse_task

    params = snakemake.params
    write_error_attribution(
        Path(snakemake.input.questions),
        snakemake.input.summaries,
        snakemake.input.rows,
        Roles(**params.roles),
        parse_task(params.task),
        parse_scorer(params.scorer),
        StatisticsOptions(**params.statistics),
        Path(snakemake.output[0]),
    )
