"""Download the missing files of one model, and record its revision."""

from job import run

from modellab.models.registry import fetch_model

run(fetch_model, snakemake)
