"""Let one judge judge the answers to one dataset."""

from job import run

from modellab.judging.judge import judge_dataset

run(judge_dataset, snakemake)
