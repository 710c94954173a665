"""Let a model plan the search queries of one dataset."""

from job import run

from modellab.generation.query_plans import plan_queries

run(plan_queries, snakemake)
