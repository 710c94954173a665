"""The import of this working copy's library, and of `run`, for all scripts.

Any script can be run alone in a debugger: python -m pdb scripts/job.py tables dataset=demo
"""

import sys
from pathlib import Path

# also under --sdm conda and in SLURM jobs, where the library is not installed
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from modellab.workflow.script import run

__all__ = ["run"]


if __name__ == "__main__":
    from modellab.workflow.mock import main

    main(sys.argv[1:])
