"""Make an ensemble's predictions from those of its members."""

from job import run

from modellab.generation.ensembles import make_ensemble

run(make_ensemble, snakemake)
