"""Say what a run would need, and whether it is there."""

from job import recorded_log

with recorded_log(snakemake):
    from modellab.config.schema import Config
    from modellab.core.errors import InputError
    from modellab.workflow.cli.preflight import report

    config = Config.model_validate(snakemake.params.config)
    if report(config, require_gpu=None, slurm=snakemake.params.slurm, json_file=None):
        raise InputError("not ready: see the failures in the table")
