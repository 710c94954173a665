"""Build the index of one retriever over one corpus."""

from job import run

from modellab.retrieval.contexts import build_index

run(build_index, snakemake)
