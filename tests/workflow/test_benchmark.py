import inspect
import subprocess
import sys
from types import SimpleNamespace

import pytest
from snakemake.scheduling.job_scheduler import JobScheduler

from modellab.workflow.benchmark import select_jobs_only_on_events


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
