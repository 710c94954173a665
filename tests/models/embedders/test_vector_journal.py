from multiprocessing import get_context

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellab.core.errors import InputError
from modellab.models.embedders.vector_journal import VectorJournal

IDENTITY = {"model": "m"}


def rows(*values):
    return np.array(values, dtype=np.float32)


def test_what_was_kept_is_found_by_its_text(tmp_path):
    journal = VectorJournal(tmp_path / "vectors", IDENTITY)
    assert journal.find(["a", "b"]) == (None, [0, 1])
    journal.append(["a", "b"], rows([1, 2], [3, 4]))
    journal.append(["c"], rows([5, 6]))
    found, new = VectorJournal(tmp_path / "vectors", IDENTITY).find(["c", "x", "a", "c"])
    assert found.tolist() == [[5, 6], [0, 0], [1, 2], [5, 6]]
    assert new == [1]


def test_another_model_has_its_own_file(tmp_path):
    VectorJournal(tmp_path, IDENTITY).append(["a"], rows([1, 2]))
    assert VectorJournal(tmp_path, {"model": "n"}).find(["a"]) == (None, [0])


def test_a_torn_end_is_cut_off(tmp_path, caplog):
    journal = VectorJournal(tmp_path, IDENTITY)
    journal.append(["a", "b"], rows([1, 2], [3, 4]))
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole[:-3])
    assert journal.find(["a", "b"])[1] == [1]
    journal.append(["b"], rows([3, 4]))
    assert "not written whole" in caplog.text
    assert journal.path.read_bytes() == whole


def test_vectors_of_another_length_are_refused(tmp_path):
    journal = VectorJournal(tmp_path, IDENTITY)
    journal.append(["a"], rows([1, 2]))
    with pytest.raises(InputError, match=r"of 2 dimensions, and the model now gives 3"):
        journal.append(["b"], rows([1, 2, 3]))


@pytest.mark.parametrize("content", [b"", b"no json\n", b"{}\n"])
def test_a_file_that_is_none(tmp_path, content):
    journal = VectorJournal(tmp_path, IDENTITY)
    journal.path.write_bytes(content)
    with pytest.raises(InputError, match="not a file of vectors"):
        journal.find(["a"])


@given(st.lists(st.text(), unique=True, max_size=9), st.integers(1, 5))
def test_any_texts(tmp_path_factory, texts, width):
    journal = VectorJournal(tmp_path_factory.mktemp("journal"), IDENTITY)
    vectors = np.arange(len(texts) * width, dtype=np.float32).reshape(len(texts), width)
    if texts:
        journal.append(texts, vectors)
        found, new = journal.find(texts[::-1])
        assert new == []
        assert (found == vectors[::-1]).all()


def _append(folder, name):
    for number in range(20):
        VectorJournal(folder, IDENTITY).append([f"{name}{number}"], rows([number, number]))


def test_jobs_share_a_file(tmp_path):
    context = get_context("fork")
    jobs = [context.Process(target=_append, args=(tmp_path, name)) for name in "ab"]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    texts = [f"{name}{number}" for name in "ab" for number in range(20)]
    found, new = VectorJournal(tmp_path, IDENTITY).find(texts)
    assert new == []
    assert found[:, 0].tolist() == [*range(20), *range(20)]


def test_what_kept_vectors_took_is_known(tmp_path):
    journal = VectorJournal(tmp_path, IDENTITY)
    assert (journal.seconds_of([]), journal.seconds_of(["a"])) == (0.0, None)
    journal.note_seconds(["a", "b"], 3.0)
    journal.note_seconds(["c"], 0.5)
    again = VectorJournal(tmp_path, IDENTITY)
    assert again.seconds_of(["a", "c"]) == 2.0
    assert again.seconds_of(["a", "x"]) is None


def test_seconds_that_were_not_written_whole_are_not_known(tmp_path):
    journal = VectorJournal(tmp_path, IDENTITY)
    journal.note_seconds(["a"], 3.0)
    (path,) = tmp_path.glob("*.seconds")
    path.write_bytes(path.read_bytes()[:-9])
    journal.note_seconds(["b"], 1.0)
    assert (journal.seconds_of(["b"]), journal.seconds_of(["a"])) == (1.0, None)
