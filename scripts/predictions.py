"""Ask one model the questions of one dataset."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.gpu import cards_wanted, lease
    from modellab.predict import PredictionJob, predict
    from modellab.providers import parse_model
    from modellab.tasks import TASKS

    options = parse_model(snakemake.params.options)
    wanted = cards_wanted(options.gpu_need(), options.gpu_optional())
    what = f"predictions of {snakemake.wildcards.model} on {snakemake.wildcards.dataset}"

    # Before torch is imported: it looks for cards only once.
    with lease(wanted, job=what):
        predict(
            PredictionJob(
                name=snakemake.wildcards.model,
                dataset=snakemake.wildcards.dataset,
                options=options,
                task=TASKS[snakemake.params.task],
                prompt=Path(snakemake.input.prompt[0]) if snakemake.input.prompt else None,
                questions=Path(snakemake.input.questions),
                contexts={
                    name: Path(path)
                    for name, path in zip(
                        snakemake.params.retrievers, snakemake.input.contexts, strict=True
                    )
                },
                journal=Path(snakemake.params.journal),
                seed=snakemake.params.seed,
            ),
            out=Path(snakemake.output.predictions),
            run=Path(snakemake.output.run),
        )
