"""Fill a database from its dump."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.core.io.sql.loading import load
    from modellab.core.io.sql.options import DatabaseOptions

    load(
        snakemake.wildcards.database,
        DatabaseOptions(**snakemake.params.options),
        Path(snakemake.params.embedded),
        Path(snakemake.output.stamp),
    )
