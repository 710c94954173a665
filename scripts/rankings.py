"""Retrieve more deeply than for contexts, to evaluate one retriever."""

from job import run

from modellab.retrieval.contexts import find_rankings

run(find_rankings, snakemake)
