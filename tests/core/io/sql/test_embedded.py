"""Dumps without a server: the same tables as an SQLite file."""

import gzip
import sqlite3

import pytest

from modellab.core.errors import InputError
from modellab.core.io.sql.loading import load, reset, status
from modellab.core.io.sql.options import DatabaseOptions, SqlOptions
from modellab.core.io.sql.rows import query_rows

DUMP = """\
-- PostgreSQL database dump
SET client_encoding = 'WIN1251';
CREATE TABLE public.notes (
    id integer NOT NULL,
    "odd ""name" text,
    score double precision,
    shown boolean
);
DROP TABLE everything;
COPY public.notes (id, "odd ""name", score, shown) FROM stdin;
2\tдва\\nline\\\\\t0.5\tt
1\t\\N\t\\N\tf
\\.
COPY other.empty (a) FROM stdin;
\\.
"""


@pytest.fixture
def loading(tmp_path):
    def run(dump, what=load):
        return what("n", DatabaseOptions(dump=dump), tmp_path / "r" / "n.db", tmp_path / "n.json")

    return run


@pytest.fixture
def dump(tmp_path):
    (tmp_path / "notes.sql").write_text(DUMP, encoding="cp1251")
    return tmp_path / "notes.sql"


def rows(tmp_path, **selected):
    return query_rows(SqlOptions(url=f"sqlite:///{tmp_path}/r/n.db", **selected))[1]


def test_rows_and_types(loading, dump, tmp_path):
    assert loading(dump, status) == "n: not loaded"
    assert loading(dump).tables == {"notes": 2, "other.empty": 0}
    assert rows(tmp_path, table="notes") == [
        {"id": 1, 'odd "name': None, "score": None, "shown": 0},
        {"id": 2, 'odd "name': "два\nline\\", "score": 0.5, "shown": 1},
    ]
    assert loading(dump, status).endswith(": notes (2 rows), other.empty (0 rows)")
    loading(dump, reset)
    assert loading(dump, status) == "n: not loaded"


def test_no_statement_of_the_dump_is_run(loading, tmp_path):
    path = tmp_path / "bad.sql"
    attack = f"ATTACH DATABASE '{tmp_path}/stolen.db' AS x; CREATE TABLE x.y (a);\n"
    path.write_text(attack.join(DUMP.partition("DROP TABLE everything;\n")[::2]), encoding="cp1251")
    assert loading(path).tables["notes"] == 2
    assert not (tmp_path / "stolen.db").exists()


@pytest.mark.parametrize("name", ["plain.sql", "custom.dump"])
def test_the_same_rows_as_a_server_has(server, dumps, loading, tmp_path, monkeypatch, name):
    server.on_path(monkeypatch)
    assert loading(dumps / name).tables == {"chunk": 4, "question_answer": 3}
    chunks = rows(tmp_path, table="chunk", columns={"id": "id", "text": "body", "v": "embedding"})
    asked = server.psql("SELECT id, body, embedding::text FROM chunk ORDER BY id", "helpdesk")
    assert [tuple(chunk.values()) for chunk in chunks] == asked


def content(path):
    with sqlite3.connect(path) as connection:
        return list(connection.iterdump())


@pytest.mark.parametrize("name", ["inserts.sql", "column-inserts.sql"])
def test_rows_as_inserts_are_those_of_copy(dumps, loading, tmp_path, name):
    assert b"COPY" not in (dumps / name).read_bytes()
    loading(dumps / "plain.sql")
    expected = content(tmp_path / "r" / "n.db")
    assert loading(dumps / name).tables == {"chunk": 4, "question_answer": 3}
    assert content(tmp_path / "r" / "n.db") == expected


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("\tt\n1", "\n1", r"notes\.sql:10: row 1: 3 cells, expected 4"),
        ("WIN1251", "UTF8", r"row 1: not utf-8"),
        ("WIN1251", "EUC_NOWHERE", r":2: unknown encoding 'EUC_NOWHERE'; dump with -E UTF8"),
        (
            "DROP TABLE everything",
            "INSERT INTO notes VALUES (now())",
            r":9: 'now\(\)\);' is not read",
        ),
        ("DROP TABLE everything", "INSERT INTO notes VALUES (1)", ":9: 1 values for the 4 columns"),
        (
            "DROP TABLE everything",
            "INSERT INTO x VALUES (1)",
            ":9: 1 values for the 0 columns of 'x'",
        ),
        ("other.empty (a)", "notes (id)", r":14: other columns of 'notes' than in its rows before"),
        ("other.empty (a)", "sqlite_x (a)", r":14: 'sqlite_x' does not fit into SQLite"),
        ("-- PostgreSQL", "-- My", "not a dump of PostgreSQL"),
        ("2\tдва", "\\.\n\\! x\n", r":12: \\! is a command of psql"),
        ("COPY other.empty (a)", "COPY other.empty", "a COPY without its columns' names"),
    ],
)
def test_bad_dumps_leave_no_file(loading, dump, tmp_path, old, new, message):
    text = dump.read_text(encoding="cp1251")
    assert text.count(old) == 1
    dump.write_text(text.replace(old, new), encoding="cp1251")
    with pytest.raises(InputError, match=message):
        loading(dump)
    assert list((tmp_path / "r").iterdir()) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (gzip.compress(b"PGDMP\x01\x0e\x00", mtime=0), r"zipped once more; unzip it"),
        (DUMP.encode("utf-16"), r"UTF-16 text, as PowerShell's > writes it"),
    ],
)
def test_dumps_that_something_was_done_to(loading, tmp_path, content, message):
    (tmp_path / "x.sql").write_bytes(content)
    with pytest.raises(InputError, match=message):
        loading(tmp_path / "x.sql")


def test_a_dump_without_rows(loading, tmp_path):
    (tmp_path / "x.sql").write_text("-- PostgreSQL database dump\nSELECT 1;\n")
    with pytest.raises(InputError, match="holds no rows of any table"):
        loading(tmp_path / "x.sql")


def test_a_file_of_sqlite_as_it_is(tmp_path):
    path = tmp_path / "there.db"
    entry = DatabaseOptions(url=f"sqlite:///{path}")
    with pytest.raises(InputError, match=r"there\.db: no such file; expected an SQLite database"):
        load("n", entry, tmp_path / "x", tmp_path / "n.json")
    path.write_text("no database at all, but text")
    with pytest.raises(InputError, match=r"there\.db: cannot be read \(file is not a database\)"):
        load("n", entry, tmp_path / "x", tmp_path / "n.json")
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (a)")
    connection.close()
    assert load("n", entry, tmp_path / "x", tmp_path / "n.json").tables == {"t": 0}
