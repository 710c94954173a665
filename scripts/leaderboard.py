"""Rank all models of one dataset."""

from job import recorded_log

with recorded_log(snakemake):
    from pathlib import Path

    from modellab.evaluation.compare.certainty import read_certainty
    from modellab.evaluation.compare.entries import components_of
    from modellab.evaluation.compare.score_files import read_scores
    from modellab.evaluation.compare.verdict import verdict_on, write_verdict
    from modellab.reporting.papers.files import write_paper_tables
    from modellab.reporting.tables.leaderboard import write_leaderboard

    scores = [read_scores(Path(path)) for path in snakemake.input.summaries]
    statistics, ranks = Path(snakemake.input.statistics), Path(snakemake.input.ranks)
    sure = read_certainty(statistics, ranks, components_of(scores)[-1])
    verdict = verdict_on(scores, sure)
    write_leaderboard(Path(snakemake.output.table), scores, sure, snakemake.params.missing)
    write_verdict(Path(snakemake.output.verdict), verdict)
    write_paper_tables(
        scores,
        statistics,
        ranks,
        verdict,
        Path(snakemake.output.markdown),
        Path(snakemake.output.latex),
        snakemake.params.missing,
    )
