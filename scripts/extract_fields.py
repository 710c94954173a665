"""Count the fields that each model got right and wrong on one dataset."""

from job import run

from modellab.evaluation.compare.extract_fields import write_extract_fields

run(write_extract_fields, snakemake)
