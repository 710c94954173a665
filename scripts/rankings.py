"""Search once more and deeper, to evaluate one retriever."""

from job import run

from modellab.retrieval.rankings import find_rankings

run(find_rankings, snakemake)
