"""Hold one dataset's results against the targets."""

from job import job_log

with job_log(snakemake.log[0]):
    import logging
    from pathlib import Path

    from modellab.core.io.jsonl import read_json
    from modellab.evaluation.targets.options import TargetsOptions
    from modellab.evaluation.targets.table import StatusFiles, status_line, write_status

    given, params, out = snakemake.input, snakemake.params, snakemake.output
    write_status(
        snakemake.wildcards.dataset,
        [Path(path) for path in given.summaries],
        {name: Path(path) for name, path in zip(params.names, given.tables, strict=True)},
        TargetsOptions(**params.targets),
        StatusFiles(Path(out.table), Path(out.record)),
        params.missing,
    )
    logging.getLogger("status").info("%s", status_line(read_json(Path(out.record))))
