"""Put the reference answers of a dataset to its own scorer."""

from job import run

from modellab.evaluation.truth_check import write_truth_check

run(write_truth_check, snakemake)
