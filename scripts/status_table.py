"""Compare the results of one dataset with the targets."""

from job import run

from modellab.evaluation.targets.rating import write_status

run(write_status, snakemake)
