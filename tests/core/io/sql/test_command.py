"""`modellab database` on a dump that becomes an SQLite file."""

import pytest
from typer.testing import CliRunner

from modellab.workflow.cli.app import app

DUMP = """\
-- PostgreSQL database dump
CREATE TABLE public.notes (id integer, text text);
COPY public.notes (id, text) FROM stdin;
1\tOne.
\\.
"""
CONFIG = """\
databases:
  desk: {dump: desk.sql}
  there: {url: 'sqlite:///there.db'}
corpora:
  notes: {sql: {database: desk, table: notes}}
datasets:
  quiz: {corpus: notes, questions: quiz.csv}
retrievers:
  bm25: {kind: bm25}
models:
  base: {provider: extractive}
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "desk.sql").write_text(DUMP)
    (tmp_path / "config.yaml").write_text(CONFIG)
    (tmp_path / "quiz.csv").touch()
    (tmp_path / "there.db").write_text("no database at all, but text")

    def call(*words):
        done = CliRunner().invoke(app, ["database", *words])
        return done.exit_code, done.output

    return call


def test_load_status_reset(run, tmp_path):
    assert run("status", "desk") == (0, "desk: not loaded\n")
    assert run("load", "desk") == (0, "desk: notes: 1 rows\n")
    assert "notes (1 rows)" in run("status", "desk")[1]
    code, said = run("reset", "desk")
    assert (code, said) == (
        1,
        "error: desk: all its tables would be lost; say --yes if that is meant\n",
    )
    assert (tmp_path / "results/databases/desk.db").exists()
    assert run("reset", "desk", "--yes") == (0, "desk: emptied\n")
    assert not (tmp_path / "results/databases/desk.db").exists()


def test_mistakes(run):
    code, said = run("status")
    assert (code, "there.db: cannot be read (file is not a database)" in said) == (0, True)
    assert run("load", "desc") == (1, "error: unknown database 'desc'; choose from: desk, there\n")
    assert run("reset", "there", "--yes")[1].startswith("error: databases.there: has no dump")
    (code, said) = run("load", "there")
    assert (code, "there.db: cannot be read (file is not a database)" in said) == (1, True)
