"""Bundles that somebody changed, or made to do harm."""

import json
import stat
import zipfile
from hashlib import sha256

import pytest
from workflow.bundles.conftest import finish, lines, prediction, score

from modellab.core.errors import InputError
from modellab.workflow.bundles.archive import open_zip


def contents(path):
    with zipfile.ZipFile(path) as found:
        return {name: found.read(name) for name in found.namelist()}


def write(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def forged(path, **changes):
    """The bundle with files changed and a manifest that agrees."""
    files = contents(path)
    manifest = json.loads(files.pop("manifest.json"))
    for name, content in changes.items():
        files[name] = content
        about = {"sha256": sha256(content).hexdigest(), "bytes": len(content)}
        manifest["files"][name] = about
    return write(path, {**files, "manifest.json": json.dumps(manifest)}), manifest


def test_changed_missing_and_extra_files_are_named(bundle, command):
    files = contents(bundle)
    files["quiz/report/index.html"] += b" "
    del files["quiz/runs/ann.json"]
    files["quiz/more.csv"] = b"x"
    code, said = command("verify", write(bundle, files))
    assert code == 1
    for line in (
        "changed: 'quiz/report/index.html'",
        "missing: 'quiz/runs/ann.json'",
        "extra: 'quiz/more.csv' is not in the manifest",
        "nothing was scored again",
        "NOT verified",
    ):
        assert line in said


PAGE, BOARD = "quiz/report/index.html", "quiz/leaderboard.csv"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "old", "new", "found"),
    [
        (PAGE, ">0.625<br>", ">0.925<br>", "row 2 of 'Systems': 2 bob 0.925 on the page, 2 bob"),
        (PAGE, ">ann</a>", ">eve</a>", "row 1 of 'Systems': 1 eve 1.000 on the page, 1 ann 1.000"),
        (PAGE, 'data-name="Systems"', 'data-name="All"', "the page has 0 tables 'Systems'"),
        (PAGE, '<p class="verdict">', '<p class="verdict">Not so: ', "the page's verdict is 'Not"),
        (PAGE, '"outcomes":"rw"', '"outcomes":"rr"', "shows other outcomes of bob than its scores"),
        ("quiz/report/start.js", "'use strict'", "alert(1)", "start.js: not that of modellab"),
        ("quiz/verdict.json", "ann", "bob", "verdict.json: text:"),
        ("quiz/statistics.csv", "0.625", "0.725", "statistics.csv: row "),
        (BOARD, "0.625", "0.925", "leaderboard.csv: row 2.overall: '0.925', but"),
        (BOARD, "1.0,2,0,", "1.0,2000,0,", "leaderboard.csv: row 1.value_accuracy_n: '2000', but"),
        (BOARD, "\n2,bob", f"\n2,eve{',' * 54}\n3,bob", "leaderboard.csv: rows: 3, but 2 from"),
        ("quiz/leaderboard.md", "0.62", "0.72", "leaderboard.md: row "),
    ],
)
def test_a_page_and_tables_that_say_something_else_are_found(
    bundle, command, name, old, new, found
):
    """Digests agree with the forged file."""
    text = contents(bundle)[name]
    if name.endswith(".js"):
        text += b"\nalert(1)\n"
    else:
        assert old.encode() in text, text
        text = text.replace(old.encode(), new.encode())
    path, _ = forged(bundle, **{name: text})
    code, said = command("verify", path)
    assert found in said
    assert (code, "NOT verified" in said) == (1, True) or name.endswith(".js")


def test_a_page_of_another_run_is_found(bundle, command, bench):
    """It fits the scripts, and it is a page; but it ranks the systems the other way round."""
    results = bench / "results/quiz"
    for model, values in {"ann": ("6", "Bob"), "bob": ("5", "Ann")}.items():
        rows = [prediction(f"q{n}", value) for n, value in enumerate(values, start=1)]
        lines(results / "predictions" / f"{model}.jsonl", rows)
        score(results, model)
    finish(results)
    path, _ = forged(bundle, **{PAGE: (results / "report" / "index.html").read_bytes()})
    code, said = command("verify", path)
    assert code == 1
    assert "row 1 of 'Systems': 1 bob 1.000 on the page, 1 ann 1.000 in the table" in said
    assert "the page's verdict is" in said


def test_an_answer_to_an_unknown_question_is_reported(bundle, command):
    text = contents(bundle)["quiz/predictions/bob.jsonl"].replace(b'"q2"', b'"q9"')
    path, _ = forged(bundle, **{"quiz/predictions/bob.jsonl": text})
    code, said = command("verify", path)
    assert (code, "quiz: bob: cannot be scored again (KeyError('q9'))" in said) == (1, True)


def test_an_embedder_of_a_stranger_is_not_asked(bundle, command):
    files = contents(bundle)
    manifest = json.loads(files["manifest.json"])
    embedder = {"kind": "litellm", "model": "x", "api_base": "http://127.0.0.1:9"}
    manifest["datasets"]["quiz"]["scorer"] = {"kind": "texts", "embedder": embedder}
    files["manifest.json"] = json.dumps(manifest).encode()
    code, said = command("verify", write(bundle, files))
    assert code == 1
    assert "its scorer asks an embedder (litellm) that the bundle names; --trust lets it" in said


def test_a_missing_required_file_is_reported(bundle, command):
    files = contents(bundle)
    manifest = json.loads(files["manifest.json"])
    manifest["datasets"]["quiz"]["models"]["../../x"] = manifest["datasets"]["quiz"]["models"][
        "bob"
    ]
    files["manifest.json"] = json.dumps(manifest).encode()
    code, said = command("verify", write(bundle, files))
    assert (code, "is needed to score again, and is missing" in said) == (1, True)


@pytest.mark.parametrize(
    "name", ["../x", "/etc/x", "a/../../x", "a\\..\\x", "C:/x", "a//x", "./x", "a/", "a\nb"]
)
def test_names_that_lead_elsewhere_are_refused(tmp_path, command, name):
    path = write(tmp_path / "b.zip", {name: b"x"})
    code, said = command("verify", path)
    assert (code, "is no plain name of a file" in said) == (1, True), said


def test_links_and_doubles_are_refused(tmp_path):
    entry = zipfile.ZipInfo("a")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    with pytest.raises(InputError, match="'a' is no plain file"), open_zip(tmp_path / "link.zip"):
        pass
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("a", "1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a", "2")
    with pytest.raises(InputError, match="'a' is a duplicate"), open_zip(tmp_path / "two.zip"):
        pass


def test_a_bomb_is_read_no_further_than_its_manifest_says(bundle, command, monkeypatch):
    files = contents(bundle)
    files["quiz/report/index.html"] = b"\0" * 50_000_000
    write(bundle, files)
    read = []
    kept = zipfile.ZipExtFile.read
    monkeypatch.setattr(zipfile.ZipExtFile, "read", lambda *a: read.append(kept(*a)) or read[-1])
    code, said = command("verify", bundle)
    assert (code, "changed: 'quiz/report/index.html'" in said) == (1, True)
    assert sum(map(len, read)) < 1_000_000


def test_a_bundle_that_says_that_it_is_huge_is_refused(bundle, command):
    files = contents(bundle)
    manifest = json.loads(files["manifest.json"])
    manifest["files"]["quiz/report/index.html"]["bytes"] = 10**12
    files["manifest.json"] = json.dumps(manifest).encode()
    code, said = command("verify", write(bundle, files))
    assert (code, "more than 16,000,000,000; --max-gb allows more" in said) == (1, True), said


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"no zip", "not a zip file"),
        (None, "no such file"),
    ],
)
def test_invalid_bundles_are_reported(tmp_path, command, content, expected):
    path = tmp_path / "b.zip"
    if content:
        path.write_bytes(content)
    code, said = command("verify", path)
    assert (code, expected in said) == (1, True), said


def test_a_zip_file_without_a_manifest_or_with_a_foreign_one_is_reported(tmp_path, command):
    code, said = command("verify", write(tmp_path / "b.zip", {"a": b"x"}))
    assert (code, "no manifest.json in it, so it is no bundle" in said) == (1, True)
    strange = {"manifest.json": b'{"format": 2}'}
    code, said = command("verify", write(tmp_path / "b.zip", strange))
    assert (code, "manifest.json: format: Input should be 1" in said) == (1, True)


def test_a_broken_file_is_reported(bundle, command):
    data = bytearray(bundle.read_bytes())
    with zipfile.ZipFile(bundle) as found:
        entry = found.getinfo("quiz/questions.jsonl")
    start = entry.header_offset + 30 + len(entry.filename) + 20
    data[start : start + 20] = b"\xff" * 20
    bundle.write_bytes(data)
    code, said = command("verify", bundle)
    assert (code, "quiz/questions.jsonl" in said) == (1, True), said
