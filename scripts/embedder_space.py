"""Measure how one embedder's vectors lie."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.evaluation.diagnostics.embedding_table import write_embedding_space
    from modellab.models.registry import parse_embedder

    write_embedding_space(
        snakemake.wildcards.embedder,
        parse_embedder(snakemake.params.options),
        questions=Path(snakemake.input.questions),
        chunks=Path(snakemake.input.chunks),
        seed=snakemake.params.seed,
        journals=Path(snakemake.params.journals),
        out=Path(snakemake.output[0]),
    )
