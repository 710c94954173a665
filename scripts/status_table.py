"""Compare the results of one dataset with the targets."""

from job import run

from modellab.evaluation.targets.table import write_status

run(write_status, snakemake)
