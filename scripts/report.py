"""Write the report of one dataset."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.reporting.page.page import write_report
    from modellab.reporting.page.readme import write_readme
    from modellab.reporting.page.results import DatasetResults
    from modellab.tasks import parse_task

    results = DatasetResults(
        folder=Path(snakemake.params.folder),
        models=snakemake.params.models,
        query_logs={Path(path).parent.name: Path(path) for path in snakemake.input.query_logs},
        settings=snakemake.params.settings,
        missing=snakemake.params.missing,
    )
    write_report(results, parse_task(snakemake.params.task).make(), Path(snakemake.output.page))
    write_readme(results, Path(snakemake.output.readme))
