"""Compare the labels of all models on one dataset."""

from job import run

from modellab.evaluation.labels import write_label_tables

run(write_label_tables, snakemake)
