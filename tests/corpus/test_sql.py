import sqlite3

import pytest
from pydantic import ValidationError

from modellab.core.errors import InputError
from modellab.corpus.options import CorpusOptions, SqlOptions
from modellab.corpus.reading import read_corpus


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "notes.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE notes (name TEXT, body TEXT, year INTEGER, score REAL)")
        connection.execute("INSERT INTO notes VALUES ('a', 'One.', 2020, 1.5)")
        connection.execute("INSERT INTO notes VALUES ('b', 'Two.', NULL, 0)")
    connection.close()
    return f"sqlite:///{path}"


def read(query, **where):
    return read_corpus(CorpusOptions(sql=SqlOptions(query=query, **where))).documents


def test_a_row_is_a_document(database, tmp_path):
    query = "SELECT name AS id, body AS text, year FROM notes ORDER BY name DESC"
    found = read(query, url=database)
    assert [(d.id, d.text, d.year) for d in found] == [("b", "Two.", None), ("a", "One.", 2020)]
    assert found[0].source == f"{database}: row 1"
    assert SqlOptions(query=query, url=database).files() == [str(tmp_path / "notes.db")]


def test_the_url_may_come_from_the_environment(database, monkeypatch):
    monkeypatch.setenv("NOTES_URL", database)
    assert len(read("SELECT name AS id, body AS text FROM notes", url_env="NOTES_URL")) == 2
    monkeypatch.delenv("NOTES_URL")
    with pytest.raises(InputError, match="the variable NOTES_URL is not set"):
        read("SELECT 1", url_env="NOTES_URL")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT name AS id FROM notes", r"no column 'text' \(found: id\); rename one with AS"),
        ("SELECT * FROM nots", r"notes\.db: the query failed \(no such table: nots\)"),
        ("SELECT name AS id, body AS text FROM notes WHERE 0", "the query gives no rows"),
        ("SELECT 'x' AS id, body AS text FROM notes", "row 2: id 'x' is a duplicate"),
        ("SELECT name AS id, score AS text FROM notes", "row 1: 'text' must be text, not float"),
    ],
)
def test_bad_queries(database, query, message):
    with pytest.raises(InputError, match=message) as caught:
        read(query, url=database)
    assert "\n" not in str(caught.value)


def test_a_password_never_shows(monkeypatch):
    url = "postgresql+psycopg://reader:geheim@127.0.0.1:1/notes?connect_timeout=1"
    monkeypatch.setenv("NOTES_URL", url)
    with pytest.raises(InputError, match="reader:") as caught:
        read("SELECT 1", url_env="NOTES_URL")
    assert "geheim" not in str(caught.value)
    with pytest.raises(ValidationError, match="url holds a password"):
        SqlOptions(query="SELECT 1", url=url)


@pytest.mark.parametrize("url", ["notes.db", "nosuch://x/y"])
def test_invalid_urls(url):
    with pytest.raises(InputError, match=r"url: .*for example sqlite:///notes\.db"):
        read("SELECT 1", url=url)


@pytest.mark.parametrize("given", [{}, {"url": "sqlite:///a", "url_env": "A"}])
def test_one_of_url_and_variable(given):
    with pytest.raises(ValidationError, match=r"give either .*url or url_env"):
        SqlOptions(query="SELECT 1", **given)


@pytest.mark.parametrize("given", [{}, {"path": "a", "sql": {"url": "sqlite:///a", "query": "q"}}])
def test_one_of_path_and_database(given):
    with pytest.raises(ValidationError, match="give either path or sql"):
        CorpusOptions(**given)
