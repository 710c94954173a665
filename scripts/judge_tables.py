"""Judge the judges of one dataset."""

from job import recorded_log

with recorded_log(snakemake):
    from pathlib import Path

    from modellab.judging.meta_evaluation.judgements import Judge
    from modellab.judging.tables import TABLES, JudgeStudy, write_judge_tables

    params = snakemake.params
    paths = map(Path, snakemake.input.judgements)
    study = JudgeStudy(
        judges={name: Judge(name, **about) for name, about in params.judges.items()},
        files=dict(zip(params.judged_by, paths, strict=True)),
        families=params.families,
        labels=Path(snakemake.input.labels) if snakemake.input.labels else None,
        min_coverage=params.judging["min_coverage"],
        method=params.judging["consensus"],
        weighted=params.judging["weighted"],
        controls=params.controls,
    )
    names = ("judge_scores", *TABLES)
    write_judge_tables(study, {name: Path(snakemake.output[name]) for name in names})
