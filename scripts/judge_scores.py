"""Sum up all judgements of one dataset."""

from job import recorded_log

with recorded_log(snakemake):
    from pathlib import Path

    from modellab.judging.meta_evaluation.judgements import Judge
    from modellab.judging.tables import JudgeStudy, write_judge_scores

    params = snakemake.params
    paths = map(Path, snakemake.input.judgements)
    study = JudgeStudy(
        judges={name: Judge(name, **about) for name, about in params.judges.items()},
        files=[(*pair, path) for pair, path in zip(params.pairs, paths, strict=True)],
        families={},
        labels=None,
        min_coverage=params.min_coverage,
        method="mean",
        weighted=False,
    )
    write_judge_scores(study, Path(snakemake.output[0]))
