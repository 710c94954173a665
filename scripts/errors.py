"""List what each model got wrong on one dataset."""

from job import run

from modellab.evaluation.compare.errors import write_errors

run(write_errors, snakemake)
