"""Concatenate the tables of all embedders of one dataset."""

from job import run

from modellab.evaluation.diagnostics.embedding_space import concatenate

run(concatenate, snakemake)
