import os

import pytest

from modellab.core.fingerprint import file_digest
from modellab.models import weights
from modellab.models.weights import LARGE_FILE, remembered_digest


@pytest.fixture
def large(tmp_path):
    path = tmp_path / "weights.safetensors"
    path.write_bytes(b"a" * LARGE_FILE)
    return path


@pytest.fixture
def reads(monkeypatch):
    """The files that were read for their digest."""
    seen = []
    monkeypatch.setattr(weights, "file_digest", lambda path: seen.append(path) or file_digest(path))
    return seen


def test_a_large_file_is_read_once(large, reads, monkeypatch):
    monkeypatch.setattr(weights, "SETTLED_SECONDS", -1.0)
    assert remembered_digest(large) == remembered_digest(large) == file_digest(large)
    assert reads == [large]


def test_a_changed_file_is_read_again_even_if_size_and_time_are_the_same(large, reads, monkeypatch):
    monkeypatch.setattr(weights, "SETTLED_SECONDS", -1.0)
    before, stat = remembered_digest(large), large.stat()
    large.write_bytes(b"b" * LARGE_FILE)
    os.utime(large, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert remembered_digest(large) != before
    assert len(reads) == 2


def test_a_file_that_was_just_written_is_not_remembered(large, reads):
    assert remembered_digest(large) == remembered_digest(large)
    assert len(reads) == 2


def test_a_small_file_is_always_read(tmp_path, reads, monkeypatch):
    monkeypatch.setattr(weights, "SETTLED_SECONDS", -1.0)
    path = tmp_path / "config.json"
    path.write_text("{}")
    assert remembered_digest(path) == remembered_digest(path)
    assert len(reads) == 2


def test_a_folder_that_cannot_be_written(large, reads, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(weights, "SETTLED_SECONDS", -1.0)
    monkeypatch.setenv("MODELLAB_CACHE", str(tmp_path / "weights.safetensors" / "below"))
    assert remembered_digest(large) == file_digest(large)
    assert "cannot be written" in caplog.text


def test_where_digests_are_remembered(monkeypatch):
    monkeypatch.delenv("MODELLAB_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert str(weights.cache_folder()) == "/somewhere/modellab"
