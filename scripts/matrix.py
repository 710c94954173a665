"""Put the answers of all models on one dataset side by side."""

from job import run

from modellab.evaluation.compare.matrix import write_matrix

run(write_matrix, snakemake)
