"""Evaluate the judges of one dataset."""

from job import run

from modellab.judging.tables import write_judge_tables

run(write_judge_tables, snakemake)
