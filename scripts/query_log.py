"""Look at what real users asked."""

from job import recorded_log

with recorded_log(snakemake):
    from pathlib import Path

    from modellab.evaluation.query_log.analysis import analyse_query_log
    from modellab.evaluation.query_log.options import QueryLogOptions
    from modellab.models.registry import parse_embedder
    from modellab.reporting.plots.query_log import draw_query_log
    from modellab.retrieval import parse_retriever

    analyse_query_log(
        QueryLogOptions(**snakemake.params.options),
        Path(*snakemake.input.chunks),
        parse_retriever(snakemake.params.retriever),
        Path(*snakemake.input.index),
        parse_embedder(snakemake.params.embedder),
        Path(snakemake.params.journals),
        snakemake.params.seed,
        Path(snakemake.output.folder),
    )
    draw_query_log(
        Path(snakemake.output.folder),
        {
            Path(paths[0]).stem: [Path(path) for path in paths]
            for paths in zip(
                snakemake.output.png, snakemake.output.svg, snakemake.output.pdf, strict=True
            )
        },
    )
