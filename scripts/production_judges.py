"""Compare the models of one label dataset as production judges."""

from job import recorded_log

with recorded_log(snakemake):
    from pathlib import Path

    from modellab.evaluation.compare.score_files import read_scores
    from modellab.judging.tables import write_production_judges

    scores = [read_scores(Path(path)) for path in snakemake.input.summaries]
    write_production_judges(scores, Path(snakemake.output[0]))
