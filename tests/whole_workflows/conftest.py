"""Projects with a small benchmark of their own, for the real snakemake command."""

import shutil

import pytest
from written_project import Project, write_project


@pytest.fixture(scope="session")
def new_project():
    """Writes a project of its own, for tests that share one."""
    return write_project


@pytest.fixture
def project(tmp_path):
    return write_project(tmp_path / "fresh")


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A benchmark that has been run once. Copy it before changing anything."""
    project = write_project(tmp_path_factory.mktemp("finished") / "project")
    run = project.run()
    assert run.code == 0, run.text
    return project


@pytest.fixture
def done(finished, tmp_path):
    """A copy of the finished benchmark, as a clone of its repository and results would be."""
    shutil.copytree(finished.folder, tmp_path / "project")
    return Project(tmp_path / "project")
