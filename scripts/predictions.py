"""Ask one model the questions of one dataset."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.generation.predict import PredictionJob, predict
    from modellab.models.gpu import gpus_wanted, lease
    from modellab.models.registry import parse_model
    from modellab.tasks import parse_task

    options = parse_model(snakemake.params.options)
    wanted = gpus_wanted(options.gpu_need(), options.gpu_optional())
    what = f"predictions of {snakemake.wildcards.model} on {snakemake.wildcards.dataset}"

    paths = map(Path, snakemake.input.contexts)
    contexts = dict(zip(snakemake.params.retrievers or [], paths, strict=True))

    # Before torch is imported: it looks for GPUs only once.
    slots = snakemake.resources.get("slots_per_gpu", 1)
    with lease(wanted, job=what, slots_per_gpu=slots):
        predict(
            PredictionJob(
                name=snakemake.wildcards.model,
                dataset=snakemake.wildcards.dataset,
                options=options,
                task=parse_task(snakemake.params.task).make(),
                prompt=Path(snakemake.input.prompt[0]) if snakemake.input.prompt else None,
                questions=Path(snakemake.input.questions),
                contexts=None if snakemake.params.retrievers is None else contexts,
                journal=Path(snakemake.params.journal),
                seed=snakemake.params.seed,
                timeout_seconds=snakemake.resources.timeout_seconds or None,
                round=snakemake.params.round,
                keep_failed=bool(snakemake.resources.keep_failed),
            ),
            out=Path(snakemake.output.predictions),
            run=Path(snakemake.output.run),
        )
