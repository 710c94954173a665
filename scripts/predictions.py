"""Ask one model the questions of one dataset."""

from job import asking_of, recorded_log

with recorded_log(snakemake):
    from pathlib import Path

    from modellab.generation.predict import PredictionJob, predict
    from modellab.generation.rounds import read_round
    from modellab.generation.shards import WHOLE, Shard
    from modellab.models.registry import parse_model
    from modellab.tasks import parse_task

    params, inputs = snakemake.params, snakemake.input
    model, _, part = snakemake.wildcards.model.partition("/")
    contexts = dict(zip(params.retrievers or [], map(Path, inputs.contexts), strict=True))
    asked = None
    if inputs.round:
        plan = read_round(Path(*inputs.round))
        asked, kept = plan.questions, plan.systems[model]
        contexts = {name: path for name, path in contexts.items() if name in kept}
    predict(
        PredictionJob(
            name=model,
            dataset=snakemake.wildcards.dataset,
            options=parse_model(params.options),
            task=parse_task(params.task),
            prompt=Path(inputs.prompt[0]) if inputs.prompt else None,
            questions=Path(inputs.questions),
            contexts=None if params.retrievers is None else contexts,
            shard=Shard.parse(part) if part and asked is None else WHOLE,
            asked=asked,
            **asking_of(snakemake),
        ),
        out=Path(snakemake.output.predictions),
        run=Path(snakemake.output.run),
    )
