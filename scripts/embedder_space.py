"""Measure the geometry of the vectors of one embedder."""

from job import run

from modellab.evaluation.diagnostics.embedding_space import write_embedding_space

run(write_embedding_space, snakemake)
