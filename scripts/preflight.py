"""Check what a run needs, and whether it is there."""

from job import run

from modellab.workflow.preflight import require_ready

run(require_ready, snakemake)
