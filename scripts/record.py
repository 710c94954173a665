"""Put one dataset's finished results into the registry of runs."""

from job import job_log

with job_log(snakemake.log[0]):
    import logging
    from pathlib import Path

    from modellab.reporting.registry.making import FinishedRun, record_run
    from modellab.reporting.registry.project import project_root

    given, params = snakemake.input, snakemake.params
    record = record_run(
        FinishedRun(
            dataset=snakemake.wildcards.dataset,
            summaries=[Path(path) for path in given.summaries],
            runs=[Path(path) for path in given.runs],
            judged=[Path(path) for path in given.judged],
            judge_scores=Path(given.judge_scores) if given.judge_scores else None,
            status=Path(given.status),
            verdict=Path(given.verdict),
            settings=params.settings,
            judges=params.judges,
            retrievers=params.retrievers,
            missing=params.missing,
        ),
        registry=Path(params.registry),
        root=project_root(),
        stamp=Path(snakemake.output[0]),
    )
    logging.getLogger("record").info("these results are run %s", record.run)
