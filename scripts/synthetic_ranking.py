"""Compare the ranking on synthetic questions with those on people's."""

from job import run

from modellab.evaluation.diagnostics.synthetic_ranking import write_synthetic_ranking

run(write_synthetic_ranking, snakemake)
