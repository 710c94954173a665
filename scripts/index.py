"""Build the index of one retriever over one corpus."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.retrieval import parse_retriever
    from modellab.retrieval.contexts import build_index

    build_index(
        parse_retriever(snakemake.params.options),
        Path(snakemake.input.chunks),
        Path(snakemake.output[0]),
        snakemake.params.seed,
        Path(snakemake.params.journals),
        snakemake.params.language,
    )
