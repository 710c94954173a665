"""A wheel holds the workflow too: it is copied into the package, where `core.project` finds it."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

PARTS = ("Snakefile", "config.yaml", "rules", "scripts", "profiles", "envs", "resources")
_ROOT = Path(__file__).parent


class BuildWithWorkflow(build_py):
    """`modellab/shipped/` is made in the build folder alone, never in the clone."""

    def run(self):
        super().run()
        if self.editable_mode:
            return
        shipped = Path(self.build_lib) / "modellab" / "shipped"
        shutil.rmtree(shipped, ignore_errors=True)
        for part in PARTS:
            source, target = _ROOT / part, shipped / part
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, target)


setup(cmdclass={"build_py": BuildWithWorkflow})
