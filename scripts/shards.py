"""Concatenate the predictions of the shards of a model."""

from job import run

from modellab.generation.shards import gather

run(gather, snakemake)
