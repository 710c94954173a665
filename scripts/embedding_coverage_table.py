"""Compare the vectors of a corpus with its chunks."""

from job import run

from modellab.retrieval.embedding_coverage import write_coverage

run(write_coverage, snakemake)
