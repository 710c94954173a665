"""Put the embedders of one dataset side by side."""

from job import run

from modellab.evaluation.diagnostics.embedding_space import concatenate

run(concatenate, snakemake)
