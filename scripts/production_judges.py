"""Compare the models of one label dataset as production judges."""

from job import run

from modellab.evaluation.labels import write_production_judges

run(write_production_judges, snakemake)
