import logging
import sqlite3

import pytest

from modellab.core.errors import InputError
from modellab.core.io.sql.options import SqlOptions
from modellab.questions.selection import read_sql_questions


@pytest.fixture
def url(tmp_path):
    with sqlite3.connect(tmp_path / "qa.db") as connection:
        connection.execute(
            "CREATE TABLE qa (id INTEGER, asked TEXT, said TEXT, score REAL, page TEXT, chunks TEXT)"
        )
        connection.executemany(
            "INSERT INTO qa VALUES (?, ?, ?, ?, ?, ?)",
            [
                (2, "When?", "On the 25th", 5, "https://wiki/a", "{1,4}"),
                (1, "Why?", "[sic] because", None, None, "[3]"),
                (3, "Who?", None, 1, None, None),
                (4, " ", "nobody asked", 1, None, None),
            ],
        )
    connection.close()
    return f"sqlite:///{tmp_path}/qa.db"


COLUMNS = {
    "id": "id",
    "question": "asked",
    "answer": "said",
    "score": "score",
    "relevant_urls": "page",
    "relevant_chunks": "chunks",
}


def test_rows_are_questions_and_those_without_an_answer_are_counted(url, caplog):
    with caplog.at_level(logging.WARNING):
        why, when = read_sql_questions(SqlOptions(url=url, table="qa", columns=COLUMNS))
    assert (when.id, when.text, when.tags) == ("2", "When?", ("score 5",))
    assert when.reference == {"answer": "On the 25th", "score": "5"}
    assert when.relevance.ids == ("1", "4")
    assert when.relevance.urls == ("https://wiki/a",)
    assert why.reference["answer"] == "[sic] because"
    assert (why.tags, why.relevance.ids) == ((), ("3",))
    assert why.source == f"{url}: row 1"
    assert "left out: 1 rows without a question, 1 without an answer, of 4" in caplog.text


@pytest.mark.parametrize(
    ("answer", "others", "first", "rest"),
    [
        ('["March 1931", "1931"]', None, "March 1931", ("1931",)),
        ("March 1931", '["1931", "in 1931"]', "March 1931", ("1931", "in 1931")),
        ("March 1931", '{1931,"in 1931"}', "March 1931", ("1931", "in 1931")),
        ("[80,90]", None, "[80,90]", ()),
    ],
)
def test_several_right_answers(url, answer, others, first, rest):
    quoted = "NULL" if others is None else f"'{others}'"
    query = f"SELECT 'When?' AS question, '{answer}' AS answer, {quoted} AS other_answers"
    (found,) = read_sql_questions(SqlOptions(url=url, query=query))
    assert (found.reference["answer"], found.other_answers) == (first, rest)


@pytest.mark.parametrize(
    ("selected", "message"),
    [
        ({"query": "SELECT asked FROM qa"}, "unknown column 'asked'; known: id, question"),
        ({"table": "qa", "columns": {"id": "id"}}, r"no column 'question' \(found: id\)"),
        ({"table": "qa"}, "no column 'question'"),
        ({"table": "qas"}, "there is no table 'qas'; did you mean 'qa'"),
        (
            {"query": "SELECT asked AS question, NULL AS answer FROM qa"},
            "no row has a question and an",
        ),
        ({"query": "SELECT asked AS question, 1 AS id FROM qa"}, "duplicate id '1'"),
        (
            {"query": "SELECT asked AS question, x'00' AS answer FROM qa"},
            "answer: must be text or a number, not bytes",
        ),
    ],
)
def test_bad_tables(url, selected, message):
    with pytest.raises(InputError, match=message):
        read_sql_questions(SqlOptions(url=url, **selected))
