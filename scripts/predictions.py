"""Ask one model the questions of one dataset."""

from job import asking_of, recorded_log

with recorded_log(snakemake):
    from pathlib import Path

    from modellab.generation.predict import PredictionJob, predict
    from modellab.generation.shards import WHOLE, Shard
    from modellab.models.registry import parse_model
    from modellab.tasks import parse_task

    params, inputs = snakemake.params, snakemake.input
    model, _, shard = snakemake.wildcards.model.partition("/")
    contexts = dict(zip(params.retrievers or [], map(Path, inputs.contexts), strict=True))
    predict(
        PredictionJob(
            name=model,
            dataset=snakemake.wildcards.dataset,
            options=parse_model(params.options),
            task=parse_task(params.task).make(),
            prompt=Path(inputs.prompt[0]) if inputs.prompt else None,
            questions=Path(inputs.questions),
            contexts=None if params.retrievers is None else contexts,
            shard=Shard.parse(shard) if shard else WHOLE,
            **asking_of(snakemake),
        ),
        out=Path(snakemake.output.predictions),
        run=Path(snakemake.output.run),
    )
