"""Where the workflow lies: Snakefile, rules, scripts, profiles, and the resources that ship."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
#: in a wheel the workflow is a folder of the package, in a clone it lies beside it
_INSTALLED = _PACKAGE / "shipped"
PROJECT = _INSTALLED if (_INSTALLED / "Snakefile").is_file() else _PACKAGE.parent
