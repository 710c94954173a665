"""Have a model make search queries of the questions of one dataset."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.generation.query_plans import PlanJob, plan_queries
    from modellab.models.gpu import gpus_wanted, lease
    from modellab.models.registry import parse_model

    names, params = snakemake.wildcards, snakemake.params
    options = parse_model(params.options)
    wanted = gpus_wanted(options.gpu_need(), options.gpu_optional())

    # Before torch is imported: it looks for GPUs only once.
    slots = snakemake.resources.get("slots_per_gpu", 1)
    with lease(wanted, job=f"plans of {names.retriever}", slots_per_gpu=slots):
        plan_queries(
            PlanJob(
                retriever=names.retriever,
                dataset=names.dataset,
                model=params.model,
                options=options,
                prompt=Path(snakemake.input.prompt),
                questions=Path(snakemake.input.questions),
                journal=Path(params.journal),
                seed=params.seed,
                timeout_seconds=snakemake.resources.timeout_seconds or None,
                round=snakemake.params.round,
                keep_failed=bool(snakemake.resources.keep_failed),
                **params.plan,
            ),
            out=Path(snakemake.output.plans),
            run=Path(snakemake.output.run),
        )
