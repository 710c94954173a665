"""Have a model make search queries of the questions of one dataset."""

from job import asking_of, recorded_log

with recorded_log(snakemake):
    from pathlib import Path

    from modellab.generation.query_plans import PlanJob, plan_queries
    from modellab.models.registry import parse_model

    plan_queries(
        PlanJob(
            retriever=snakemake.wildcards.retriever,
            dataset=snakemake.wildcards.dataset,
            model=snakemake.params.model,
            options=parse_model(snakemake.params.options),
            prompt=Path(snakemake.input.prompt),
            questions=Path(snakemake.input.questions),
            **snakemake.params.plan,
            **asking_of(snakemake),
        ),
        out=Path(snakemake.output.plans),
        run=Path(snakemake.output.run),
    )
