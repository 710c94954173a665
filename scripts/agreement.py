"""Say how far the models agree on one dataset, and which questions are hard."""

from job import run

from modellab.evaluation.compare.agreement import write_agreement

run(write_agreement, snakemake)
