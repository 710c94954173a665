import json
import sys

from modellab.core.machine import describe_machine, package_versions, peak_memory_bytes


def test_the_machine_is_plain_json():
    found = describe_machine()
    assert json.loads(json.dumps(found)) == found
    assert found["cores"] >= 1
    assert found["memory_gb"] > 0


def test_torch_is_not_imported_for_it():
    import subprocess

    code = "import sys, modellab.core.machine as m; m.describe_machine(); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_versions_of_installed_packages():
    versions = package_versions()
    assert versions["python"].startswith("3.")
    assert "torch" in versions


def test_peak_memory_is_in_bytes():
    assert peak_memory_bytes() > 10 * 2**20
