"""Intervals, paired tests and ranks of all systems on one dataset."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.evaluation.statistics.options import StatisticsOptions
    from modellab.evaluation.statistics.tables import StatisticsFiles, write_statistics
    from modellab.tasks import parse_scorer, parse_task

    write_statistics(
        questions=Path(snakemake.input.questions),
        summaries=snakemake.input.summaries,
        rows=snakemake.input.rows,
        task=parse_task(snakemake.params.task),
        scorer=parse_scorer(snakemake.params.scorer),
        options=StatisticsOptions(**snakemake.params.options),
        seed=snakemake.params.seed,
        files=StatisticsFiles(
            Path(snakemake.output.estimates),
            Path(snakemake.output.comparisons),
            Path(snakemake.output.ranks),
            Path(snakemake.output.detectable),
            Path(snakemake.output.noise),
        ),
    )
