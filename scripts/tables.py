"""Make the tables of one dataset."""

from job import run

from modellab.reporting.dataset_tables import write_tables

run(write_tables, snakemake)
