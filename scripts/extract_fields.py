"""Count the fields that each model got right and wrong on one dataset."""

from job import recorded_log

with recorded_log(snakemake):
    from pathlib import Path

    from modellab.evaluation.compare.extract_fields import write_extract_fields
    from modellab.tasks import parse_scorer, parse_task
    from modellab.tasks.scorer import Material

    scorer = parse_scorer(snakemake.params.scorer)
    write_extract_fields(
        out=Path(snakemake.output[0]),
        questions=Path(snakemake.input.questions),
        predictions={
            model: Path(path)
            for model, path in zip(
                snakemake.params.models, snakemake.input.predictions, strict=True
            )
        },
        scorer=scorer.make(parse_task(snakemake.params.task), Material((), ())),
        missing=snakemake.params.missing,
    )
