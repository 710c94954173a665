"""Plan a round of adaptive evaluation: which systems are asked which questions."""

from job import run

from modellab.evaluation.adaptive.rounds import write_round

run(write_round, snakemake)
