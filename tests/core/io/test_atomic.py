import pytest

from modellab.core.io.atomic import atomic_file, atomic_folder


def test_file_appears_only_at_the_end(tmp_path):
    path = tmp_path / "deep" / "out.txt"
    with atomic_file(path) as handle:
        handle.write("whole")
        assert not path.exists()
    assert path.read_text() == "whole"
    assert list(path.parent.iterdir()) == [path]


def test_failure_keeps_the_old_file_and_leaves_nothing(tmp_path):
    path = tmp_path / "out.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), atomic_file(path) as handle:
        handle.write("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_folder_replaces_the_old_one_whole(tmp_path):
    path = tmp_path / "index"
    path.mkdir()
    (path / "stale").write_text("x")
    with atomic_folder(path) as part:
        (part / "new").write_text("y")
        assert (path / "stale").exists()
    assert [file.name for file in path.iterdir()] == ["new"]


def test_failed_folder_keeps_the_old_one(tmp_path):
    path = tmp_path / "index"
    path.mkdir()
    (path / "old").write_text("x")
    with pytest.raises(RuntimeError), atomic_folder(path) as part:
        (part / "half").write_text("y")
        raise RuntimeError
    assert [file.name for file in path.iterdir()] == ["old"]
    assert list(tmp_path.iterdir()) == [path]


def test_new_files_have_the_usual_permissions(tmp_path):
    usual = tmp_path / "usual"
    usual.write_text("")
    with atomic_file(tmp_path / "out") as handle:
        handle.write("")
    assert (tmp_path / "out").stat().st_mode == usual.stat().st_mode
