"""Report what did not pass the audits; with `strict`, end with an error."""

from job import run

from modellab.evaluation.audit.table import report_audits

run(report_audits, snakemake)
