import multiprocessing

from modellab.models.generators.transformers import user_cache
from modellab.models.generators.transformers.user_cache import Remembered, cache_folder


def test_what_is_put_is_there_for_the_next(tmp_path):
    Remembered("numbers").put("a", 1)
    Remembered("numbers").put("b", {"c": [2]})
    assert Remembered("numbers").get("a") == 1
    assert Remembered("numbers").get("b") == {"c": [2]}
    assert Remembered("other").get("a") is None


def test_deleting_the_file_forgets(tmp_path):
    Remembered("numbers").put("a", 1)
    (cache_folder() / "numbers.json").unlink()
    assert Remembered("numbers").get("a") is None


def test_a_damaged_file_is_told_and_replaced(tmp_path, caplog):
    Remembered("numbers").put("a", 1)
    (cache_folder() / "numbers.json").write_text('{"a": ')
    assert Remembered("numbers").get("a") is None
    assert "cannot be read" in caplog.text
    Remembered("numbers").put("b", 2)
    assert Remembered("numbers").get("b") == 2


def test_a_folder_that_cannot_be_written_is_told(tmp_path, monkeypatch, caplog):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MODELLAB_CACHE", str(tmp_path / "file" / "below"))
    Remembered("numbers").put("a", 1)
    assert "cannot be written" in caplog.text


def put_many(start):
    for number in range(start, start + 20):
        Remembered("numbers").put(str(number), number)


def test_processes_lose_no_entry_of_each_other(tmp_path):
    with multiprocessing.get_context("fork").Pool(4) as pool:
        pool.map(put_many, [0, 20, 40, 60])
    remembered = Remembered("numbers")
    assert [remembered.get(str(number)) for number in range(80)] == list(range(80))


def test_where_it_is(monkeypatch):
    monkeypatch.delenv("MODELLAB_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert str(user_cache.cache_folder()) == "/somewhere/modellab"
