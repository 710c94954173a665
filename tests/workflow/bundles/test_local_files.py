"""A manifest cannot make the verifier read a file of the machine that it runs on."""

import pytest

from modellab.core.errors import InputError
from modellab.workflow.bundles.archive import Rescoring
from modellab.workflow.bundles.rescoring import rescored


@pytest.mark.parametrize(
    ("record", "files"),
    [
        ("/dev/zero", {}),
        ("/etc/passwd", {}),
        ("x", {"record": "../../outside.json"}),
        ("x", {"record": "/etc/passwd"}),
    ],
)
def test_a_file_outside_the_bundle_is_not_read(tmp_path, record, files):
    about = {"provider": "extractive", "model_id": "m", "local": True, "size_b": None}
    rescoring = Rescoring(
        task={"kind": "extract", "record": record},
        task_files=files,
        scorer={"kind": "fields"},
        missing="incorrect",
        seed=1,
        chunks=None,
        models={"m": about},
        statistics={},
        statistics_seed=1,
    )
    folder = tmp_path / "bundle"
    (folder / "quiz").mkdir(parents=True)
    (folder / "quiz" / "leaderboard.csv").write_text("model,retriever\n")
    with pytest.raises(InputError, match="no file of the bundle"):
        list(rescored(folder, "quiz", rescoring, tmp_path / "again"))
