"""Count the right and wrong fields of each model on one dataset."""

from job import run

from modellab.evaluation.compare.extract_fields import write_extract_fields

run(write_extract_fields, snakemake)
