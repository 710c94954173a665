"""The `snakemake` object of a script without a run, to run any script in a debugger.

python -m pdb scripts/job.py tables dataset=demo
"""

import logging
import runpy
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from modellab.core.errors import InputError
from modellab.core.project import PROJECT


def mock_snakemake(
    rule: str,
    /,
    *,
    config: Mapping[str, Any] | None = None,
    configfiles: Sequence[Path] = (),
    project: Path = PROJECT,
    **wildcards: str,
) -> Any:
    """The `snakemake` object of a rule's script. Makes no file.

    Paths are relative to the working folder, as in a run.

    Args:
        rule: The rule, such as `tables`.
        config: Keys of the config to replace, as after --config.
        configfiles: Config files, as after --configfile; default: config.yaml.
        project: The folder of the Snakefile.
        wildcards: The job's wildcards, such as `dataset="demo"`.

    Raises:
        InputError: Unknown rule, or missing wildcard.
    """
    return _job(load_workflow(config, configfiles, project), rule, wildcards)


def _job(workflow: Any, rule: str, wildcards: Mapping[str, str]) -> Any:
    from snakemake.dag import DAG
    from snakemake.jobs import Job
    from snakemake.script import Snakemake

    if not workflow.is_rule(rule):
        known = ", ".join(sorted(one.name for one in workflow.rules))
        raise InputError(f"no rule {rule!r}; choose from: {known}")
    found = workflow.get_rule(rule)
    missing = sorted(set(found.wildcard_names) - set(wildcards))
    if missing:
        raise InputError(f"rule {rule}: say {' '.join(f'{name}=...' for name in missing)}")
    job = Job(found, DAG(workflow, rules=[found]), wildcards)
    return Snakemake(
        job.input,
        job.output,
        job.params,
        job.wildcards,
        job.threads,
        job.resources,
        job.log,
        workflow.config,
        job.rule.name,
        None,
    )


def load_workflow(
    config: Mapping[str, Any] | None = None,
    configfiles: Sequence[Path] = (),
    project: Path = PROJECT,
) -> Any:
    """Snakemake's workflow of a project: all rules, no jobs."""
    import snakemake.api  # noqa: F401  first, because of circular imports
    from snakemake.settings.types import (
        ConfigSettings,
        DAGSettings,
        DeploymentSettings,
        GroupSettings,
        ResourceSettings,
        StorageSettings,
        WorkflowSettings,
    )
    from snakemake.workflow import Workflow

    workflow = Workflow(
        config_settings=ConfigSettings(config=dict(config or {}), configfiles=list(configfiles)),
        resource_settings=ResourceSettings(cores=1),
        workflow_settings=WorkflowSettings(),
        logger_manager=_NoLoggers(),
        storage_settings=StorageSettings(),
        dag_settings=DAGSettings(),
        deployment_settings=DeploymentSettings(),
        group_settings=GroupSettings(),
        storage_provider_settings={},
    )
    workflow.include(project / "Snakefile", overwrite_default_target=True)
    return workflow


class _NoLoggers:
    """Replaces Snakemake's logger, which would take over the terminal."""

    logger = logging.getLogger("snakemake.mock")

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: None


def main(words: Sequence[str]) -> None:
    """Run the script of a rule in this process: `tables dataset=demo`."""
    rule, *wildcards = words
    workflow = load_workflow()
    job = _job(workflow, rule, dict(word.split("=", 1) for word in wildcards))
    script = PROJECT / "scripts" / Path(workflow.get_rule(rule).script).name
    sys.path.insert(0, str(script.parent))
    runpy.run_path(str(script), {"snakemake": job}, "__main__")
