"""Record one dataset's finished results in the registry of runs, and write its report."""

from job import recorded_log

with recorded_log(snakemake):
    from pathlib import Path

    from modellab.reporting.page.page import write_readme, write_report
    from modellab.reporting.page.results import DatasetResults
    from modellab.reporting.registry.making import FinishedRun, record_run
    from modellab.tasks import parse_task

    inputs, params = snakemake.input, snakemake.params
    record_run(
        FinishedRun(
            dataset=snakemake.wildcards.dataset,
            summaries=[Path(path) for path in inputs.summaries],
            runs=[Path(path) for path in inputs.runs],
            judged=[Path(path) for path in inputs.judged],
            judge_scores=Path(inputs.judge_scores) if inputs.judge_scores else None,
            status=Path(inputs.status),
            verdict=Path(inputs.verdict),
            settings=params.decisive,
            judges=params.judge_entries,
            retrievers=params.retrievers,
            missing=params.missing,
        ),
        Path(params.registry),
        Path(snakemake.output.stamp),
    )
    results = DatasetResults(
        folder=Path(params.folder),
        models=params.models,
        query_logs={Path(path).parent.name: Path(path) for path in inputs.query_logs},
        settings=params.settings,
        missing=params.missing,
    )
    write_report(results, parse_task(params.task), Path(snakemake.output.page))
    write_readme(results, Path(snakemake.output.readme))
