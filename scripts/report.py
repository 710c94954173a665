"""Record the results of one dataset in the registry of runs, and write its report."""

from job import run

from modellab.reporting.page.page import write_readme, write_report
from modellab.reporting.registry.making import record_run

run((record_run, write_report, write_readme), snakemake)
