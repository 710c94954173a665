"""Restore a database from its dump."""

from job import run

from modellab.core.io.sql.loading import load

run(load, snakemake)
