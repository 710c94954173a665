"""Rank all pairs of retriever and model on one dataset by several metrics."""

from job import run

from modellab.evaluation.compare.ranking import write_overall_ranking

run(write_overall_ranking, snakemake)
