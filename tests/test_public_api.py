"""`import modellab` and its rooms: cheap to import, documented, and what they name is there."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import modellab

ROOMS = sorted(path.parent.name for path in Path(modellab.__file__).parent.glob("*/__init__.py"))


def test_importing_the_package_imports_nothing_heavy():
    heavy = "pandas", "pydantic", "torch", "numpy", "snakemake"
    code = f"import sys, modellab; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_public_names_are_there_and_documented():
    for name in modellab.__all__:
        assert getattr(modellab, name) is not None
        assert name.startswith("__") or getattr(modellab, name).__doc__, name
    assert set(modellab.__all__) <= set(dir(modellab))
    assert (Path(modellab.__file__).parent / "py.typed").is_file()


def test_rooms_are_documented_and_name_what_is_public():
    for room in ROOMS:
        module = import_module(f"modellab.{room}")
        assert module.__doc__, room
        for name in module.__all__:
            found = hasattr(module, name) or import_module(f"modellab.{room}.{name}")
            assert found, f"{room}.{name}"
