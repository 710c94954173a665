"""Dumps as SQLite files, restored by a PostgreSQL that lives for the loading."""

import pytest

from modellab.core.errors import InputError
from modellab.core.io.sql.loading import load
from modellab.core.io.sql.options import DatabaseOptions, SqlOptions
from modellab.core.io.sql.rows import query_rows

pytestmark = pytest.mark.postgres


def test_tables_with_their_values(dumps, tmp_path):
    entry = DatabaseOptions(dump=dumps / "desk.dump")
    path = tmp_path / "databases" / "desk.db"
    found = load("desk", entry, path, tmp_path / "desk.json")
    assert found.tables == {"archive.notes": 0, "chunk": 4, "question_answer": 3}
    assert [file.name for file in path.parent.iterdir()] == ["desk.db"]

    def rows(**selected):
        return query_rows(SqlOptions(url=f"sqlite:///{path}", **selected))[1]

    assert rows(table="chunk")[2] == {
        "id": 3,
        "confluence_url": "https://wiki/b",
        "body": "Tab\there, line\nbreak; back\\slash",
        "letters": 32,
        "embedding": "[0,0,1]",
    }
    columns = {"id": "id", "score": "score", "shown": "shown", "chunks": "chunks"}
    assert [tuple(row.values()) for row in rows(table="question_answer", columns=columns)] == [
        (1, 5.0, 1, "{1}"),
        (2, 1.5, 0, "{3,2}"),
        (3, None, None, None),
    ]


def test_a_dump_that_is_none_leaves_nothing(tmp_path, dumps):
    torn = tmp_path / "torn.dump"
    torn.write_bytes((dumps / "desk.dump").read_bytes()[:2000])
    with pytest.raises(InputError, match=r"torn\.dump: cannot be restored \(pg_restore: error"):
        load("desk", DatabaseOptions(dump=torn), tmp_path / "desk.db", tmp_path / "desk.json")
    assert [path.name for path in tmp_path.iterdir()] == ["torn.dump"]
