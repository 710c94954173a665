"""Score one model's predictions on one dataset."""

from job import recorded_log

with recorded_log(snakemake):
    from pathlib import Path

    from modellab.evaluation.score import ScoreJob, score_model
    from modellab.generation.rounds import stops
    from modellab.retrieval.contexts import read_retrieval
    from modellab.tasks import parse_scorer, parse_task

    score_model(
        ScoreJob(
            name=snakemake.wildcards.model,
            dataset=snakemake.wildcards.dataset,
            task=parse_task(snakemake.params.task),
            scorer=parse_scorer(snakemake.params.scorer),
            missing=snakemake.params.missing,
            seed=snakemake.params.seed,
            stops=stops(Path(*snakemake.input.round) if snakemake.input.round else None),
            **snakemake.params.model,
        ),
        questions=Path(snakemake.input.questions),
        predictions=Path(snakemake.input.predictions),
        run=Path(snakemake.input.run),
        rows_out=Path(snakemake.output.rows),
        out=Path(snakemake.output.summary),
        chunks=Path(*snakemake.input.chunks) if snakemake.input.chunks else None,
        retrieval=read_retrieval(
            [Path(path) for path in snakemake.input.searches],
            [Path(path) for path in snakemake.input.plans],
        ),
        submissions=Path(snakemake.output.submissions),
    )
