"""Dumps restored into a real server, once, by a role that can do nothing else."""

import gzip

import pytest

from modellab.core.errors import InputError
from modellab.core.io.sql.loading import load
from modellab.core.io.sql.options import DatabaseOptions, SqlOptions
from modellab.core.io.sql.rows import query_rows

pytestmark = pytest.mark.postgres

#: rows by table of the dumps
TABLES = {"archive.notes": 0, "chunk": 4, "question_answer": 3}


@pytest.fixture
def restored(target, tmp_path, monkeypatch):
    """Restores a dump into the target; further options of the entry as keywords."""
    monkeypatch.setenv("TARGET_URL", target)

    def run(dump, **options):
        entry = DatabaseOptions(dump=dump, **{"url_env": "TARGET_URL", **options})
        return load("desk", entry, tmp_path / "desk.db", tmp_path / "desk.json")

    return run


def rows(**selected):
    return query_rows(SqlOptions(url_env="TARGET_URL", **selected))[1]


def written(tmp_path, *lines):
    path = tmp_path / "own.sql"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("name", ["desk.sql", "desk.dump", "desk.tar", "desk"])
def test_a_dump_in_each_format(server, dumps, restored, name):
    found = restored(dumps / name, trust=name == "desk.sql")
    assert found.tables == TABLES
    assert "geheim" not in found.where
    chunks = rows(table="chunk", columns={"id": "id", "text": "body", "vector": "embedding"})
    assert [chunk["id"] for chunk in chunks] == [1, 2, 3, 4]
    assert chunks[2] == {
        "id": 3,
        "text": "Tab\there, line\nbreak; back\\slash",
        "vector": "[0,0,1]",
    }
    assert rows(query="SELECT tricky()") == [{"tricky": "a;b"}]
    assert rows(table="good_answers")[0]["question"] == "Когда платят стипендию?"
    owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
    assert server.psql(owners, "target") == [("loader",)]


def test_a_zipped_dump_once(dumps, restored, tmp_path):
    zipped = tmp_path / "desk.sql.gz"
    zipped.write_bytes(gzip.compress((dumps / "desk.sql").read_bytes(), mtime=0))
    first = restored(zipped, trust=True)
    stamp = (tmp_path / "desk.json").read_bytes()
    assert restored(zipped, trust=True) == first
    assert (tmp_path / "desk.json").read_bytes() == stamp


def test_a_database_holds_one_dump_and_nothing_else(server, dumps, restored, tmp_path):
    restored(dumps / "desk.dump")
    with pytest.raises(InputError, match=r"already has another dump \(desk\.dump, [0-9a-f]{12}\)"):
        restored(dumps / "desk.tar")
    server.psql("DROP DATABASE target WITH (FORCE)")
    server.psql("CREATE DATABASE target OWNER loader TEMPLATE template0")
    server.psql("SET ROLE loader; CREATE TABLE mine (a int)", "target")
    with pytest.raises(InputError, match=r"already has public\.mine; .* needs an empty database"):
        restored(dumps / "desk.dump")
    assert server.psql("SELECT count(*) FROM mine", "target") == [(0,)]


def test_after_a_refusal_nothing_is_left_and_a_right_dump_can_come(server, restored, tmp_path):
    broken = written(tmp_path, "CREATE TABLE t (a int);", "SELECT nosuch();")
    with pytest.raises(InputError, match=r"own\.sql: cannot be restored \(.*nosuch") as caught:
        restored(broken, trust=True)
    assert "\n" not in str(caught.value)
    assert (
        server.psql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", "target") == []
    )
    right = written(tmp_path, "CREATE TABLE t (a int);")
    assert restored(right, trust=True).tables == {"t": 0}


def test_a_privileged_role_restores_nothing(server, dumps, restored, monkeypatch):
    monkeypatch.setenv("TARGET_URL", server.admin.replace("/postgres?", "/target?"))
    with pytest.raises(InputError, match=r"not restored as a role with the rights of 'pg_execute"):
        restored(dumps / "desk.dump")
    server.psql("CREATE ROLE indirect LOGIN; GRANT pg_read_server_files TO indirect")
    monkeypatch.setenv("TARGET_URL", server.url("indirect", "", "target"))
    with pytest.raises(InputError, match=r"rights of 'pg_read_server_files'"):
        restored(dumps / "desk.dump")
    server.psql("DROP ROLE indirect")


def test_a_dump_that_takes_too_long(restored, tmp_path):
    slow = written(tmp_path, "SELECT pg_sleep(60);")
    with pytest.raises(InputError, match=r"not restored within 0\.01 minutes; see timeout_minutes"):
        restored(slow, trust=True, timeout_minutes=0.01)


def test_reading_does_not_write(restored, tmp_path):
    function = (
        "CREATE FUNCTION f() RETURNS int LANGUAGE SQL AS 'INSERT INTO t VALUES (1) RETURNING a';"
    )
    restored(written(tmp_path, "CREATE TABLE t (a int);", function), trust=True)
    with pytest.raises(InputError, match="read-only transaction"):
        rows(query="SELECT f()")
