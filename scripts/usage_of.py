"""Look at what real users asked."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.evaluation.query_log.analysis import analyse_usage
    from modellab.evaluation.query_log.options import UsageOptions
    from modellab.models.embedders import parse_embedder
    from modellab.reporting.plots.usage import draw_usage
    from modellab.retrieval import parse_retriever

    analyse_usage(
        UsageOptions(**snakemake.params.options),
        Path(snakemake.input.chunks),
        parse_retriever(snakemake.params.retriever),
        Path(snakemake.input.index),
        parse_embedder(snakemake.params.embedder),
        Path(snakemake.params.journals),
        snakemake.params.seed,
        Path(snakemake.output.folder),
    )
    draw_usage(
        Path(snakemake.output.folder),
        {
            Path(paths[0]).stem: [Path(path) for path in paths]
            for paths in zip(
                snakemake.output.png, snakemake.output.svg, snakemake.output.pdf, strict=True
            )
        },
    )
