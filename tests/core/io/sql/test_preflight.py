"""What preflight says of databases before anything is loaded."""

import sqlite3

import pytest
import yaml

from modellab.config.loading import load_config
from modellab.core.errors import InputError, Severity
from modellab.core.io.sql.loading import load
from modellab.workflow.preflight.inputs import check_databases


@pytest.fixture
def found(tmp_path, monkeypatch):
    """The findings on a config with these databases, as (level, message)."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("text")
    (tmp_path / "quiz.csv").write_text("id,question,answer\n1,Why?,x\n")

    def check(desk, **more):
        config = {
            "corpora": {"notes": {"path": "notes"}},
            "datasets": {"quiz": {"corpus": "notes", "questions": "quiz.csv"}},
            "retrievers": {"none": {"kind": "none"}},
            "models": {"plain": {"provider": "extractive"}},
            "databases": {"desk": desk},
            **more,
        }
        (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
        findings = list(check_databases(load_config([tmp_path / "config.yaml"])))
        assert not [f for f in findings if "geheim" in f"{f}" or "\n" in f.message]
        return [(f.level, f.message) for f in findings]

    return check


@pytest.mark.postgres
def test_archives_and_servers(server, dumps, found, target, tmp_path, monkeypatch):
    entry = {"dump": str(dumps / "desk.dump"), "url_env": "TARGET_URL"}
    monkeypatch.delenv("TARGET_URL", raising=False)
    assert found(entry)[1][1].startswith("database: the variable TARGET_URL is not set")
    monkeypatch.setenv("TARGET_URL", "postgresql://loader:geheim-9@127.0.0.1:1/x")
    assert found(entry)[1][1].startswith("postgresql://loader:***@127.0.0.1:1/x: cannot be reached")
    monkeypatch.setenv("TARGET_URL", target)
    (first, archive), (second, empty) = found(entry)
    assert (first, second) == (Severity.OK, Severity.OK)
    assert archive.endswith("desk.dump (an archive)")
    assert empty.endswith(f"PostgreSQL {server.version}, empty")
    options = load_config([tmp_path / "config.yaml"]).databases["desk"]
    load("desk", options, tmp_path / "x.db", tmp_path / "x.json")
    assert found(entry)[1][1].endswith("holds the dump")
    assert "already has another dump" in found({**entry, "dump": str(dumps / "desk.tar")})[1][1]


@pytest.mark.postgres
def test_an_extension_that_the_server_lacks(dumps, found, target, monkeypatch):
    from modellab.workflow.preflight import inputs as databases

    monkeypatch.setenv("TARGET_URL", target)
    monkeypatch.setattr(databases, "listing", lambda dump: "3; 3079 1 EXTENSION - postgis \n")
    entry = {"dump": str(dumps / "desk.dump"), "url_env": "TARGET_URL"}
    assert found(entry)[2] == (Severity.FAILURE, "the server has no extension 'postgis'")


def test_plain_sql_is_refused_unless_trusted(found, tmp_path):
    (tmp_path / "x.sql").write_text("\\! touch flag\n")
    [(level, said)] = found({"dump": "x.sql"})
    assert (level, "set trust: true" in said) == (Severity.FAILURE, True)
    assert found({"dump": "x.sql", "trust": True})[0] == (Severity.OK, "x.sql (trusted SQL)")
    assert not (tmp_path / "flag").exists()


def test_databases_that_are_there(found, tmp_path):
    with sqlite3.connect(tmp_path / "own.db") as connection:
        connection.execute("CREATE TABLE t (text)")
    own = {"wiki": {"sql": {"url": "sqlite:///own.db", "table": "t"}}}
    notes = {"notes": {"path": "notes"}}
    findings = found({"url": "sqlite:///own.db"}, corpora={**notes, **own})
    assert [said for _, said in findings] == ["sqlite:///own.db: 1 table"] * 2
    (tmp_path / "own.db").write_text("no database at all, but text")
    [(level, _)] = found({"url": "sqlite:///own.db"})
    assert level is Severity.FAILURE
    (tmp_path / "own.db").unlink()
    with pytest.raises(InputError, match=r"databases\.desk\.url: own\.db: no such file"):
        found({"url": "sqlite:///own.db"})
