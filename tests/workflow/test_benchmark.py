import inspect
import subprocess
import sys
from types import SimpleNamespace

import pytest
import yaml
from snakemake.exceptions import WorkflowError
from snakemake.scheduling.job_scheduler import JobScheduler
from workflow.jobs import BENCHMARK, jobs_of

from modellab.core.project import PROJECT
from modellab.workflow.benchmark import select_jobs_only_on_events
from modellab.workflow.mock import load_workflow


@pytest.mark.parametrize("local", [True, False])
def test_submissions_are_limited_on_a_cluster_only(local):
    scheduler = SimpleNamespace(job_rate_limiter="100 a second")
    select_jobs_only_on_events(SimpleNamespace(local_exec=local, scheduler=scheduler))
    assert scheduler.job_rate_limiter == (None if local else "100 a second")


def test_snakemake_has_this_limiter():
    assert "self.job_rate_limiter is None" in inspect.getsource(JobScheduler)


def test_reading_the_workflow_imports_nothing_that_only_jobs_need():
    heavy = ("pandas", "numpy", "scipy", "matplotlib", "torch", "httpx", "jinja2", "sqlalchemy")
    code = f"import sys, modellab.workflow.benchmark; print(set({heavy}) & {{*sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_wrong_config_ends_the_run_with_one_line(bench):
    with pytest.raises(
        SystemExit, match=r"^error: .*/config.yaml:\d+: sead: unknown key; did you mean 'seed'\?"
    ):
        jobs_of({**BENCHMARK, "sead": 2})
    assert not (bench / "results").exists()


def test_a_password_in_ollamas_own_variable_starts_nothing(bench, monkeypatch):
    monkeypatch.setenv("OLLAMA_HOST", "http://me:hunter2planted@127.0.0.1:1")
    with pytest.raises(SystemExit, match="OLLAMA_HOST") as refused:
        jobs_of(BENCHMARK)
    assert "hunter2planted" not in str(refused.value)


#: a workflow that uses this one as a module: tests/whole_workflows/test_installed.py runs it
MODULE = """\
configfile: "own.yaml"

module modellab:
    snakefile: "{project}/Snakefile"
    config: config["benchmark"]

use rule * from modellab as lab_*

rule best:
    default_target: True
    input: "results/quiz/scores/words.json"
    output: "best.txt"
    shell: "cp {{input}} {{output}}"
"""


def test_a_wrong_config_of_a_module_is_an_error_of_the_workflow_that_uses_it(bench):
    wrong = {**BENCHMARK, "corpora": {"notes": {"path": "nots"}}}
    (bench / "own.yaml").write_text(yaml.safe_dump({"benchmark": wrong}))
    (bench / "Snakefile").write_text(MODULE.format(project=PROJECT))
    with pytest.raises(WorkflowError, match=r"config: corpora\.notes\.path: nots: no such file"):
        load_workflow(project=bench)
