"""Have a model make search queries of the questions of one dataset."""

from job import run

from modellab.generation.query_plans import plan_queries

run(plan_queries, snakemake)
