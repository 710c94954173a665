"""Which parts of a source count, and which definitions are used."""

import pytest

from modellab.core.code import PACKAGE, Sources

FILES = {
    "__init__.py": "",
    "a.py": "import json\ndef f():\n    from modellab.family.b import X\n    return X\n",
    "c.py": "Z = 1\ndef unused():\n    return 2\n",
    "family/__init__.py": "from modellab.family.b import X\nfrom modellab.c import Z\n",
    "family/b.py": "X = 1\n",
    "family/options.py": "class Options:\n    pass\n",
    "family/engine.py": "def run():\n    return 1\n",
    "registry.py": (
        "from modellab.c import Z\nfrom modellab.family.b import X\n"
        "def Family(*names): return names\n"
        "MEMBERS = Family(X, Z)\n"
        "def load(name): return MEMBERS[name]\n"
    ),
}


@pytest.fixture
def package(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


@pytest.fixture
def changed(package):
    """Whether an edit changes the digest of parts."""
    sources = Sources({"modellab": package})

    def changed(path, text, *parts):
        before = sources.digest(parts)
        assert sources.digest(parts) == before
        old = (package / path).read_text()
        (package / path).write_text(text)
        after = sources.digest(parts)
        (package / path).write_text(old)
        assert sources.digest(parts) == before
        return before != after

    return changed


def script(folder, text):
    path = folder / "script.py"
    path.write_text(text)
    return path


def test_imports_in_functions_count(changed):
    assert changed("family/b.py", "X = 2\n", "modellab.a")


def test_what_is_not_imported_does_not_count(changed):
    assert not changed("c.py", "Z = 2\n", "modellab.a")


def test_only_the_used_definitions_of_a_module_count(changed, package):
    own = script(package, "from modellab.c import Z\nprint(Z)\n")
    assert not changed("c.py", "Z = 1\ndef unused():\n    return 3\n", own)
    assert changed("c.py", "Z = 2\ndef unused():\n    return 2\n", own)
    assert changed("c.py", FILES["c.py"] + "print('on import')\n", own)


@pytest.mark.parametrize(
    "text",
    [
        "from modellab.family import X\nprint(X)\n",
        "import modellab.family.b\nprint(modellab.family.b.X)\n",
        "import modellab.family.b as b\nprint(b.X)\n",
        "from modellab.family import b\nprint(b.X)\n",
        "from modellab import family\nprint(family.X)\n",
        "def f(x: int = 0):\n    from modellab.family.b import X as y\n    return y\nf()\n",
    ],
)
def test_the_ways_to_import(changed, package, text):
    own = script(package, text)
    assert changed("family/b.py", "X = 2\n", own)
    assert not changed("c.py", "Z = 2\n", own)


def test_a_package_that_passes_names_on_ties_nothing_together(changed, package):
    own = script(package, "from modellab.family import Z\nprint(Z)\n")
    assert not changed("family/b.py", "X = 2\n", own)
    assert changed("c.py", "Z = 2\n", own)


def test_members_of_a_registry_count_where_they_are_named(changed, package):
    own = script(package, "from modellab.registry import load\nload('b')\n")
    assert not changed("family/b.py", "X = 2\n", own)
    assert changed("family/b.py", "X = 2\n", own, "modellab.family.b")


def test_options_include_their_folder(changed):
    assert changed("family/engine.py", "def run():\n    return 2\n", "modellab.family.options")


def test_names_bound_in_branches(changed, package):
    own = script(
        package,
        "try:\n    from modellab.c import Z as z\nexcept ImportError:\n    z = 0\nprint(z)\n",
    )
    assert changed("c.py", "Z = 2\n", own)


@pytest.mark.parametrize(
    "edit",
    [
        "X = 1  # one\n",
        "X = (1)\n",
        '"""One number."""\n\nX = 1\n"""The one."""\n',
        "from typing import TYPE_CHECKING\nX = 1\nif TYPE_CHECKING:\n    from modellab.c import Z\n",
        "import os\nX = 1\n",
    ],
    ids=["comment", "layout", "docstring", "types only", "unused import"],
)
def test_what_does_nothing_does_not_count(changed, edit):
    assert not changed("family/b.py", edit, "modellab.a")


def test_a_function_of_a_docstring_alone_is_still_code(changed, package):
    (package / "c.py").write_text('def f():\n    """Does nothing."""\n')
    assert not changed("c.py", 'def f():\n    """Nothing."""\n', "modellab.c")
    assert changed("c.py", 'def f():\n    """Does something."""\n    return 1\n', "modellab.c")


def test_a_module_that_is_not_there():
    with pytest.raises(ValueError, match=r"no module modellab\.nothing"):
        Sources().digest(["modellab.nothing"])


def test_a_package_that_adds_members(package, tmp_path_factory, monkeypatch):
    """Its own modules count and those of the library; what else it imports does not."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "adds_members").mkdir()
    own, beside = (folder / "adds_members" / name for name in ("own.py", "beside.py"))
    (folder / "adds_members" / "__init__.py").write_text("")
    own.write_text("import json\nfrom .beside import Y\nfrom modellab.c import Z\nprint(Y, Z)\n")
    beside.write_text("Y = 1\n")
    monkeypatch.syspath_prepend(folder)
    sources = Sources({"modellab": package})
    found = [sources.digest(["adds_members.own"])]
    for path, text in ((beside, "Y = 2\n"), (package / "c.py", "Z = 2\n")):
        path.write_text(text)
        found.append(sources.digest(["adds_members.own"]))
    assert len(set(found)) == 3


def test_the_whole_library_can_be_read():
    parts = (path.relative_to(PACKAGE).with_suffix("").parts for path in PACKAGE.rglob("*.py"))
    names = [".".join(["modellab", *(p for p in own if p != "__init__")]) for own in parts]
    assert len(Sources().digest(names)) == 64


def test_parsed_sources_are_cached(package, tmp_path_factory):
    cache = tmp_path_factory.mktemp("kept") / "sources.json"
    first = Sources({"modellab": package}, cache)
    found = first.digest(["modellab.a", "modellab.registry"])
    first.save()
    assert (
        Sources({"modellab": package}, cache).digest(["modellab.a", "modellab.registry"]) == found
    )
    (package / "family" / "b.py").write_text("X = 22\n")
    assert Sources({"modellab": package}, cache).digest(["modellab.a"]) != first.used(
        ["modellab.a"]
    )
    cache.write_text("{torn")
    assert Sources({"modellab": package}, cache).digest(["modellab.c"])


def test_a_cache_that_cannot_be_written_is_a_warning(package, tmp_path_factory, caplog):
    cache = tmp_path_factory.mktemp("kept") / "sources.json"
    sources = Sources({"modellab": package}, cache)
    assert sources.digest(["modellab.c"])
    cache.mkdir()  # as on a full disk, the file cannot be put there
    sources.save()
    assert "sources.json: not written" in caplog.text
