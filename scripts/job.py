"""What every script begins with: the library of this working copy, and the job's log."""

import sys
from pathlib import Path

# First on the path: also under --sdm conda and in a SLURM job, where nothing is installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from modellab.joblog import job_log

__all__ = ["job_log"]
