"""Measure how far the repeats of each model agree."""

from job import run

from modellab.evaluation.diagnostics.consistency import write_consistency

run(write_consistency, snakemake)
