"""Score one model's predictions on one dataset."""

from job import run

from modellab.evaluation.score import score_model

run(score_model, snakemake)
