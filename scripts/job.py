"""The import of this working copy's library, and of `run`, for all scripts.

Any script can be run alone in a debugger: python -m pdb scripts/job.py tables dataset=demo
"""

import os
import sys
from pathlib import Path


def _without_traceback(kind, error, trace):
    """Ctrl-C while libraries are imported, before there is a log: the exit code says it all."""
    if issubclass(kind, KeyboardInterrupt):
        os._exit(130)
    sys.__excepthook__(kind, error, trace)


sys.excepthook = _without_traceback
# also under --sdm conda and in SLURM jobs, where the library is not installed
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from modellab.workflow.script import run  # noqa: E402 - Ctrl-C may come while it is imported

__all__ = ["run"]


if __name__ == "__main__":
    from modellab.workflow.mock import main

    main(sys.argv[1:])
