"""Evaluate all retrievers of one dataset."""

from job import run

from modellab.evaluation.diagnostics.retrieval import write_retrieval

run(write_retrieval, snakemake)
