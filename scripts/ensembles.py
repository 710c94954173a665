"""Combine the predictions of the members of an ensemble."""

from job import run

from modellab.generation.ensembles import make_ensemble

run(make_ensemble, snakemake)
