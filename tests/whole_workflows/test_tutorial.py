"""The commands of the tutorial in an empty folder."""

import os
import subprocess
from pathlib import Path

import pytest
from workflow.test_documented_commands import TUTORIAL, blocks

pytestmark = pytest.mark.workflow
ROOT = Path(__file__).parents[2]


def test_the_tutorial_as_it_is_written_in_an_empty_folder(tmp_path):
    (tmp_path / "model-lab").symlink_to(ROOT)
    steps = "\n".join(blocks(ROOT / "docs" / TUTORIAL))
    done = subprocess.run(
        ["bash", "-c", f"set -e\nshopt -s expand_aliases\n{steps}"],
        cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    office = tmp_path / "office"
    assert (office / "results" / "office" / "report" / "index.html").is_file()
    assert (office / "results-bundle.zip").is_file()
