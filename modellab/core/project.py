"""The version, and the folder with Snakefile, rules, scripts, profiles and bundled resources."""

from pathlib import Path

VERSION = "0.1.0"
_PACKAGE = Path(__file__).parents[1]
#: in a wheel the workflow is inside the package, in a clone beside it
_INSTALLED = _PACKAGE / "shipped"
PROJECT = _INSTALLED if (_INSTALLED / "Snakefile").is_file() else _PACKAGE.parent
