"""Rank all models of one dataset."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.compare.certainty import read_certainty
    from modellab.compare.entries import components_of
    from modellab.compare.leaderboard import write_leaderboard
    from modellab.compare.papers.files import write_paper_tables
    from modellab.compare.score_files import read_scores

    scores = [read_scores(Path(path)) for path in snakemake.input.summaries]
    statistics, ranks = Path(snakemake.input.statistics), Path(snakemake.input.ranks)
    write_leaderboard(
        Path(snakemake.output.table),
        scores,
        read_certainty(statistics, ranks, components_of(scores)[-1]),
        snakemake.params.missing,
    )
    write_paper_tables(
        scores,
        statistics,
        ranks,
        Path(snakemake.output.markdown),
        Path(snakemake.output.latex),
        snakemake.params.missing,
    )
