"""What scripts share: this working copy's library, a job's log and record, the call of a function.

Any script can be run alone in a debugger: python -m pdb scripts/job.py tables dataset=demo
"""

import sys
from pathlib import Path

# First on the path: also under --sdm conda and in a SLURM job, where nothing is installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from modellab.workflow.script import run

__all__ = ["run"]


if __name__ == "__main__":
    from modellab.workflow.mock import main

    main(sys.argv[1:])
