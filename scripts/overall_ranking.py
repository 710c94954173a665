"""Rank all pairs of retriever and model on one dataset by several metrics."""

from job import recorded_log

with recorded_log(snakemake):
    from pathlib import Path

    from modellab.core.io.frames import read_frame
    from modellab.evaluation.compare.ranking import (
        JUDGED,
        JUDGED_TYPES,
        RankingFiles,
        pairs_of,
        write_ranking,
    )
    from modellab.evaluation.compare.ranking_options import RankingOptions
    from modellab.evaluation.compare.score_files import read_scores

    options = RankingOptions(**snakemake.params.options)
    judged = snakemake.input.judged
    models = [read_scores(Path(path)) for path in snakemake.input.summaries]
    rows = read_frame(Path(judged), JUDGED_TYPES, JUDGED, only=True) if judged else None
    write_ranking(
        RankingFiles(*(Path(path) for path in snakemake.output)),
        snakemake.wildcards.dataset,
        pairs_of(models, rows, options),
        options,
        snakemake.params.missing,
    )
