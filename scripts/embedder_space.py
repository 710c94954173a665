"""Measure how one embedder's vectors lie."""

from job import run

from modellab.evaluation.diagnostics.embedding_space import write_embedding_space

run(write_embedding_space, snakemake)
