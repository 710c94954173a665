"""Split a corpus into chunks."""

from job import run

from modellab.corpus.reading import chunk_corpus

run(chunk_corpus, snakemake)
