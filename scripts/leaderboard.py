"""Rank all models of one dataset."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.compare.certainty import read_certainty
    from modellab.compare.entries import components_of
    from modellab.compare.leaderboard import write_leaderboard
    from modellab.compare.score_files import read_scores

    scores = [read_scores(Path(path)) for path in snakemake.input.summaries]
    certainty = read_certainty(
        Path(snakemake.input.statistics),
        Path(snakemake.input.ranks),
        components_of(scores)[-1],
    )
    write_leaderboard(Path(snakemake.output[0]), scores, certainty, snakemake.params.missing)
