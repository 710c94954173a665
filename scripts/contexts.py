"""Retrieve the passages for every question with one retriever."""

from job import run

from modellab.retrieval.contexts import find_contexts

run(find_contexts, snakemake)
