"""Small benchmarks for the real snakemake command."""

import shutil

import pytest
from filelock import FileLock
from written_project import Project, write_project


@pytest.fixture(scope="session")
def new_project():
    """Writes a project, for tests that share one."""
    return write_project


@pytest.fixture
def project(tmp_path):
    return write_project(tmp_path / "fresh")


@pytest.fixture(scope="session")
def finished(tmp_path_factory, worker_id):
    """A benchmark that has been run once, by one of pytest's workers for all of them.

    The file `done` has what that run printed. Copy the benchmark before changing anything.
    """
    own = tmp_path_factory.getbasetemp()
    # beside the folders of workers and as deep as they are: paths to the shipped prompts stay
    shared = own if worker_id == "master" else own.parent / "shared"
    project = Project(shared / "finished" / "project")
    with FileLock(f"{shared}.lock"):
        if not project.path("done").exists():
            shutil.rmtree(project.folder, ignore_errors=True)
            write_project(project.folder)
            run = project.run()
            assert run.code == 0, run.text
            project.path("done").write_text(run.text)
    return project


@pytest.fixture
def done(finished, tmp_path):
    """A copy of the finished benchmark."""
    shutil.copytree(finished.folder, tmp_path / "project")
    return Project(tmp_path / "project")
