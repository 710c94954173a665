"""Say for each model what retrieval and what reading loses."""

from job import run

from modellab.evaluation.diagnostics.error_attribution import write_error_attribution

run(write_error_attribution, snakemake)
