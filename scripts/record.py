"""Put one dataset's finished results into the registry of runs."""

from job import run

from modellab.reporting.registry.making import record_run

run(record_run, snakemake)
