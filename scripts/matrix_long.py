"""Put the answers of all models on one dataset one after another."""

from job import run

from modellab.evaluation.compare.matrix import write_long_matrix

run(write_long_matrix, snakemake)
