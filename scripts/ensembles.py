"""Make an ensemble's predictions from those of its members."""

from job import recorded_log

with recorded_log(snakemake):
    from pathlib import Path

    from modellab.generation.ensembles import EnsembleJob, make_ensemble
    from modellab.models.registry import parse_model

    options = parse_model(snakemake.params.options)

    def by_member(files):
        return dict(zip(options.members, map(Path, files), strict=True))

    make_ensemble(
        EnsembleJob(
            name=snakemake.wildcards.model,
            dataset=snakemake.wildcards.dataset,
            task=snakemake.params.task,
            options=options,
            questions=Path(snakemake.input.questions),
            members=by_member(snakemake.input.members),
            retrievers=snakemake.params.retrievers,
            scores=by_member(snakemake.input.scores) if snakemake.input.scores else {},
            weighing=Path(*snakemake.input.weighing) if snakemake.input.weighing else None,
        ),
        out=Path(snakemake.output.predictions),
        run=Path(snakemake.output.run),
    )
