import logging
import subprocess
import sys
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellab.core.errors import InputError
from modellab.core.io.journal import JournalEntry, open_journal
from modellab.core.records import Response


def entry(key, text="x", **more):
    return JournalEntry("q1", "bm25", 1, Response(key=key, text=text, **more))


def fill(path, *entries):
    with open_journal(path) as journal:
        for item in entries:
            journal.append(item)


def responses(path):
    with open_journal(path) as journal:
        return dict(journal.responses)


def test_answers_are_found_again(tmp_path):
    path = tmp_path / "j" / "m.jsonl"
    fill(path, entry("a", "one"), entry("b", "two"))
    fill(path, entry("c", "three"))
    assert {key: value.text for key, value in responses(path).items()} == {
        "a": "one",
        "b": "two",
        "c": "three",
    }


def test_an_answer_is_on_disk_at_once(tmp_path):
    path = tmp_path / "m.jsonl"
    with open_journal(path) as journal:
        journal.append(entry("a"))
        assert path.read_bytes().endswith(b"\n")


def test_errors_are_kept_but_not_reused(tmp_path):
    path = tmp_path / "m.jsonl"
    fill(path, entry("a", None, error_class="timeout", error="slow"))
    assert responses(path) == {}
    assert "timeout" in path.read_text()


def test_the_newest_answer_counts(tmp_path):
    path = tmp_path / "m.jsonl"
    fill(path, entry("a", "old"), entry("a", "new"))
    assert responses(path)["a"].text == "new"


@given(cut=st.integers(min_value=1, max_value=400))
def test_any_torn_end_costs_only_the_last_answer(tmp_path_factory, cut):
    path = tmp_path_factory.mktemp("journal") / "m.jsonl"
    fill(path, entry("a"), entry("b"))
    data = path.read_bytes()
    second = data.index(b"\n") + 1
    path.write_bytes(data[: min(second + cut, len(data) - 1)])
    assert set(responses(path)) == {"a"}
    assert path.read_bytes() == data[:second]


def test_a_torn_line_is_said(tmp_path, caplog):
    path = tmp_path / "m.jsonl"
    fill(path, entry("a"))
    path.write_bytes(path.read_bytes() + b'{"question_id": "q')
    with caplog.at_level(logging.WARNING):
        responses(path)
    assert "dropped a torn last line" in caplog.text


def test_a_foreign_line_stops_with_its_number(tmp_path):
    path = tmp_path / "m.jsonl"
    fill(path, entry("a"))
    path.write_bytes(b"hello\n" + path.read_bytes())
    with pytest.raises(InputError, match=r"m.jsonl:1: not a journal entry"):
        responses(path)


def test_two_writers_cannot_mix(tmp_path):
    path = tmp_path / "m.jsonl"
    with open_journal(path):
        other = subprocess.run(
            [sys.executable, "-c", OPEN, str(path)], capture_output=True, text=True
        )
    assert "another run is writing this journal" in other.stderr
    assert set(responses(path)) == set()


OPEN = textwrap.dedent("""
    import sys
    from pathlib import Path
    from modellab.core.io.journal import open_journal
    with open_journal(Path(sys.argv[1])):
        pass
""")


@given(st.data())
def test_a_flipped_bit_never_changes_an_answer(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("flip") / "m.jsonl"
    fill(path, entry("a", "It used 1,287 MWh."), entry("b", "\u00e9 \U0001f600"))
    written = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(written) - 1))
    written[place] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(bytes(written))
    try:
        found = responses(path)
    except InputError as error:
        assert f"{path}:" in str(error)
    else:
        # a line end that is no longer one tears the last line off
        assert {key: value.text for key, value in found.items()}.items() <= {
            "a": "It used 1,287 MWh.",
            "b": "\u00e9 \U0001f600",
        }.items()


def test_what_is_written_reaches_the_disk_at_the_end(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr("os.fsync", synced.append)
    fill(tmp_path / "m.jsonl", entry("a"))
    assert len(synced) == 1


def test_answers_are_found_under_another_name(tmp_path):
    folder = tmp_path / "journal"
    fill(folder / "old.jsonl", entry("a", "one"), entry("b", None, error_class="timeout"))
    fill(folder / "old.jsonl", entry("a", "newer"))
    fill(folder / "judges" / "j" / "m.jsonl", entry("c", "three"))
    with (folder / "torn.jsonl").open("w") as torn:
        torn.write('{"question_id":"q","response":{"key":"a","te')
    with open_journal(folder / "new.jsonl") as journal:
        assert journal.take_over(["a", "b", "c", "d"]) == 2
        assert journal.take_over(["a", "b", "c", "d"]) == 0
    found = responses(folder / "new.jsonl")
    assert {key: value.text for key, value in found.items()} == {"a": "newer", "c": "three"}
