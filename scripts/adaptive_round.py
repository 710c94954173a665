"""Say who is asked what in a round of an adaptive dataset."""

from job import run

from modellab.evaluation.adaptive.rounds import write_round

run(write_round, snakemake)
