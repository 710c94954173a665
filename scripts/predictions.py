"""Ask one model the questions of one dataset."""

from job import run

from modellab.generation.predict import predict

run(predict, snakemake)
