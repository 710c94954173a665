"""Intervals, paired tests and ranks of all systems on one dataset."""

from job import run

from modellab.evaluation.statistics.tables import write_statistics

run(write_statistics, snakemake)
