"""Gather the rows of a model's shards."""

from job import run

from modellab.generation.shards import gather

run(gather, snakemake)
