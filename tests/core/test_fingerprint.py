import pytest

from modellab.core import fingerprint as digest_module
from modellab.core.fingerprint import code_digest, digest, file_digest


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


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A small library: a imports b, c stands alone."""
    (tmp_path / "family").mkdir()
    (tmp_path / "family" / "__init__.py").write_text("from modellab.c import Z\n")
    (tmp_path / "a.py").write_text(
        "import json\ndef f():\n    from modellab.family.b import X\n    return X\n"
    )
    (tmp_path / "family" / "b.py").write_text("X = 1\n")
    (tmp_path / "c.py").write_text("Z = 1\n")
    monkeypatch.setattr(digest_module, "PACKAGE", tmp_path)
    return tmp_path


def test_code_digest_follows_imports_into_functions(package):
    before = code_digest(["modellab.a"])
    (package / "family" / "b.py").write_text("X = 2\n")
    assert code_digest(["modellab.a"]) != before


def test_code_digest_leaves_out_what_is_not_imported(package):
    before = code_digest(["modellab.a"])
    (package / "c.py").write_text("Z = 2\n")
    assert code_digest(["modellab.a"]) == before


def test_code_digest_of_an_unknown_module():
    with pytest.raises(ValueError, match="no module"):
        code_digest(["modellab.nothing"])


def test_code_digest_of_a_package_that_adds_members(package, tmp_path_factory, monkeypatch):
    """Its own modules count and those of the library; what else it imports does not."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "plugged_in").mkdir()
    own, beside = (folder / "plugged_in" / name for name in ("own.py", "beside.py"))
    (folder / "plugged_in" / "__init__.py").write_text("")
    own.write_text("import json\nfrom plugged_in.beside import Y\nfrom modellab.c import Z\n")
    beside.write_text("Y = 1\n")
    monkeypatch.syspath_prepend(folder)
    before = code_digest(["plugged_in.own"])
    assert code_digest(["plugged_in.own"]) == before
    beside.write_text("Y = 2\n")
    second = code_digest(["plugged_in.own"])
    assert second != before
    (package / "c.py").write_text("Z = 2\n")
    assert code_digest(["plugged_in.own"]) != second


@pytest.mark.parametrize(
    "edit",
    [
        "X = 1  # one\n",
        "X = (1)\n",
        '"""One number."""\n\nX = 1\n',
        "from typing import TYPE_CHECKING\nX = 1\nif TYPE_CHECKING:\n    from modellab.c import Z\n",
    ],
    ids=["comment", "layout", "docstring", "types only"],
)
def test_what_does_nothing_does_not_count(package, edit):
    (package / "family" / "b.py").write_text(
        "from typing import TYPE_CHECKING\nX = 1\n" if "TYPE_CHECKING" in edit else "X = 1\n"
    )
    before = code_digest(["modellab.a"])
    (package / "family" / "b.py").write_text(edit)
    assert code_digest(["modellab.a"]) == before


def test_a_function_of_a_docstring_alone_is_still_code(package):
    (package / "c.py").write_text('def f():\n    """Does nothing."""\n')
    before = code_digest(["modellab.c"])
    (package / "c.py").write_text('def f():\n    """Does something."""\n    return 1\n')
    assert code_digest(["modellab.c"]) != before


def test_the_whole_library_can_be_read():
    root = digest_module.PACKAGE
    parts = (path.relative_to(root).with_suffix("").parts for path in root.rglob("*.py"))
    names = [".".join(["modellab", *(p for p in own if p != "__init__")]) for own in parts]
    assert len(code_digest(name for name in names if name != "modellab")) == 64
