"""Rank all models of one dataset."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.compare.leaderboard import write_leaderboard

    write_leaderboard([Path(path) for path in snakemake.input.summaries], Path(snakemake.output[0]))
