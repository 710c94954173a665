"""What `preflight` says of databases before anything is loaded."""

import sqlite3

import pytest
import yaml

from modellab.config.loading import load_config
from modellab.core.errors import InputError
from modellab.core.findings import Level
from modellab.core.io.sql.loading import load
from modellab.workflow.preflight.databases import check_databases

STORED = {"kind": "stored", "of": [{"database": "desk", "table": "chunk"}]}


@pytest.fixture
def found(tmp_path, monkeypatch):
    """The findings on a config with these databases, as (level, message, advice)."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("text")
    (tmp_path / "quiz.csv").write_text("id,question\n")

    def check(desk=None, vectors=False, **more):
        config = {
            "corpora": {"notes": {"path": "notes"}},
            "datasets": {"quiz": {"corpus": "notes", "questions": "quiz.csv"}},
            "retrievers": {"none": {"kind": "none"}},
            "models": {"plain": {"provider": "extractive"}},
            "embedders": {"stored": STORED} if vectors else {},
            "databases": {"desk": desk} if desk else {},
            **more,
        }
        (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
        findings = list(check_databases(load_config([tmp_path / "config.yaml"])))
        assert not [f for f in findings if "geheim" in f"{f}" or "\n" in f.message]
        return [(f.level, f.message, f.advice) for f in findings]

    return check


@pytest.fixture
def target_url(target, monkeypatch):
    monkeypatch.setenv("TARGET_URL", target)


def levels(findings):
    return [level.value for level, *_ in findings]


def written(tmp_path, *lines):
    path = tmp_path / "own.sql"
    path.write_text("-- PostgreSQL database dump\n" + "\n".join(lines) + "\n")
    return str(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"id,text\n1,a\n", "not a dump of PostgreSQL"),
        (b"-- PostgreSQL database cluster dump\n", "a dump of a whole server"),
        (b"PGDMP\x01\x63\x00", "newer version than pg_restore"),
        (b"\x1f\x8bbroken", "a broken archive"),
    ],
)
def test_a_dump_that_cannot_be_read(server, found, tmp_path, monkeypatch, content, message):
    server.on_path(monkeypatch)
    (tmp_path / "x.dump").write_bytes(content)
    [(level, said, _)] = found({"dump": "x.dump"})
    assert (level, message in said) == (Level.FAILURE, True)


def test_dumps_in_each_format(server, dumps, found, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setenv("PATH", "/nowhere")
        [(level, said, _)] = found({"dump": str(dumps / "custom.dump")})
        assert (level, "pg_restore is needed" in said) == (Level.FAILURE, True)
    server.on_path(monkeypatch)
    for name in ("plain.sql", "custom.dump", "all.tar"):
        [(level, said, _)] = found({"dump": str(dumps / name)})
        assert (level, said) == (Level.OK, f"{dumps / name} (of pg_dump {server.version})")


def test_variables_and_servers_that_are_not_there(dumps, found, monkeypatch):
    entry = {"dump": str(dumps / "plain.sql"), "url_env": "TARGET_URL"}
    monkeypatch.delenv("TARGET_URL", raising=False)
    assert found(entry)[1][1].startswith("database: the variable TARGET_URL is not set")
    monkeypatch.setenv("TARGET_URL", "postgresql://loader:geheim-9@127.0.0.1:1/x")
    assert found(entry)[1][1].startswith("postgresql://loader:***@127.0.0.1:1/x: cannot be reached")
    monkeypatch.delenv("ADMIN_URL", raising=False)
    said = found({**entry, "admin_url_env": "ADMIN_URL"})[1][1]
    assert said.startswith("database: the variable ADMIN_URL is not set")
    with monkeypatch.context() as patch:
        patch.setitem(__import__("sys").modules, "psycopg", None)
        assert "the driver is missing; run: pip install" in found(entry)[1][1]


def test_a_database_that_may_be_filled_and_one_that_is(
    server, pgvector, dumps, found, target_url, tmp_path, monkeypatch
):
    entry = {"dump": str(dumps / "plain.sql"), "url_env": "TARGET_URL"}
    findings = found(entry)
    assert levels(findings) == ["ok", "ok", "ok"]
    assert findings[1][1].endswith(f": PostgreSQL {server.version}, empty")
    assert findings[2][1] == "pgvector is there"
    server.psql("DROP EXTENSION vector", "target")
    assert found(entry)[2][:2] == (Level.FAILURE, "pgvector is not in the database")
    assert found(entry)[2][2] == "as an administrator run there: CREATE EXTENSION vector"
    with monkeypatch.context() as patch:
        patch.setattr("modellab.core.io.sql.inspecting.EXTENSION", "nosuch")
        assert found(entry)[2][:2] == (Level.FAILURE, "the server has no pgvector")
    server.psql("CREATE EXTENSION vector", "target")
    options = load_config([tmp_path / "config.yaml"]).databases["desk"]
    load("desk", options, tmp_path / "x.db", tmp_path / "x.json")
    findings = found(entry)
    assert (levels(findings), findings[1][1].endswith("holds plain.sql")) == (["ok", "ok"], True)
    other = {**entry, "dump": written(tmp_path, "SELECT 1;")}
    assert "holds another dump" in found(other)[1][1]


def test_vectors_that_are_read_of_a_dump_without_the_extension(
    server, pgvector, found, target_url, tmp_path
):
    entry = {"dump": written(tmp_path, "CREATE TABLE t (a int);"), "url_env": "TARGET_URL"}
    assert levels(found(entry)) == ["ok", "ok"]
    server.psql("DROP EXTENSION vector", "target")
    level, said, advice = found(entry, vectors=True)[2]
    assert (level, said) == (Level.WARNING, "pgvector is not in the database")
    assert advice.endswith("; not needed for vectors in columns of text")
    server.psql("SET ROLE loader; CREATE TABLE mine (a int)", "target")
    assert "not empty (it holds public.mine)" in found(entry)[1][1]


def test_an_older_server_than_the_dump(found, target_url, tmp_path):
    dump = written(tmp_path, "-- Dumped by pg_dump version 99.1", "CREATE TABLE t (a int);")
    level, said, _ = found({"dump": dump, "url_env": "TARGET_URL"})[2]
    assert level is Level.WARNING
    assert said.startswith("the dump was made by version 99, the server is ")


def test_what_an_administrator_will_make(server, pgvector, dumps, found, monkeypatch):
    entry = {"dump": str(dumps / "plain.sql"), "url_env": "TARGET_URL", "admin_url_env": "ADMIN"}
    monkeypatch.setenv("ADMIN", server.admin)
    monkeypatch.setenv("TARGET_URL", server.url("not_yet", "geheim-9", "not_yet"))
    findings = found(entry)
    assert levels(findings) == ["ok", "ok", "ok"]
    assert findings[1][1].endswith("will be made")
    assert server.psql("SELECT count(*) FROM pg_roles WHERE rolname = 'not_yet'") == [(0,)]


def test_databases_that_are_there(found, tmp_path):
    with sqlite3.connect(tmp_path / "own.db") as connection:
        connection.execute("CREATE TABLE t (text)")
    own = {"wiki": {"sql": {"url": "sqlite:///own.db", "table": "t"}}}
    notes = {"notes": {"path": "notes"}}
    findings = found({"url": "sqlite:///own.db"}, corpora={**notes, **own})
    assert [said for _, said, _ in findings] == ["sqlite:///own.db: 1 table"] * 2
    (tmp_path / "own.db").write_text("no database at all, but text")
    assert levels(found({"url": "sqlite:///own.db"})) == ["failure"]
    (tmp_path / "own.db").unlink()
    with pytest.raises(InputError, match=r"databases\.desk\.url: own\.db: no such file"):
        found({"url": "sqlite:///own.db"})
