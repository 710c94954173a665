"""Measure how far the repeats of each model agree."""

from job import recorded_log

with recorded_log(snakemake):
    from pathlib import Path

    from modellab.evaluation.diagnostics.consistency import Meaning, write_consistency
    from modellab.models.registry import parse_embedder
    from modellab.tasks import parse_scorer, parse_task

    params = snakemake.params
    files = zip(params.models, snakemake.input.predictions, snakemake.input.scores, strict=True)
    write_consistency(
        Path(snakemake.output[0]),
        {model: (Path(predictions), Path(scores)) for model, predictions, scores in files},
        parse_task(params.task).fields,
        Meaning(
            options=parse_embedder(params.embedder),
            questions=Path(snakemake.input.questions),
            chunks=Path(*snakemake.input.chunks) if snakemake.input.chunks else None,
            seed=params.seed,
            journals=Path(params.journals),
        )
        if params.embedder
        else None,
        parse_scorer(params.records) if params.records else None,
    )
