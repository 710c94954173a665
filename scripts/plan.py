"""Estimate the cost of judging before anything is asked."""

from job import run

from modellab.judging.cost_plan import print_plan

run(print_plan, snakemake)
