import pytest

from modellab.core.fingerprint import digest, file_digest


def test_equal_data_whatever_the_order():
    assert digest({"a": 1, "b": [2, None]}) == digest({"b": [2, None], "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})
    assert digest({"a": 1}) != digest({"a": 1.5})


def test_objects_are_refused():
    with pytest.raises(TypeError):
        digest({"a": object()})


def test_nan_is_refused():
    with pytest.raises(ValueError, match="JSON"):
        digest(float("nan"))


def test_file_digest_is_sha256(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"abc")
    assert file_digest(path).startswith("ba7816bf8f01cfea")
