"""Write the report of one dataset."""

from job import recorded_log

with recorded_log(snakemake):
    from pathlib import Path

    from modellab.reporting.page.page import write_report
    from modellab.reporting.page.results import DatasetResults
    from modellab.tasks import parse_task

    write_report(
        DatasetResults(
            folder=Path(snakemake.params.folder),
            models=snakemake.params.models,
            query_logs={Path(path).parent.name: Path(path) for path in snakemake.input.query_logs},
            settings=snakemake.params.settings,
            missing=snakemake.params.missing,
        ),
        parse_task(snakemake.params.task).make(),
        Path(snakemake.output[0]),
    )
