import sqlite3

import pytest
from cases import each
from pydantic import ValidationError

from modellab.core.errors import InputError
from modellab.evaluation.query_log.options import QueryLogOptions
from modellab.evaluation.query_log.queries import read_queries


def options(**more):
    return QueryLogOptions(corpus="c", retriever="bm25", embedder="lsa", **more)


def read(tmp_path, name, content, **more):
    (tmp_path / name).write_text(content)
    return read_queries(options(questions=tmp_path / name, **more))


def cells(queries):
    return queries.astype(object).where(queries.notna(), None).to_numpy().tolist()


def test_a_csv_file(tmp_path):
    content = "q,a,s\nOne?,Yes,5\n , ,\nTwo?,,\n"
    columns = {"question_column": "q", "answer_column": "a", "score_column": "s"}
    queries, empty_rows = read(tmp_path, "a.csv", content, **columns)
    assert cells(queries) == [["One?", "Yes", 5.0], ["Two?", "", None]]
    # a row of nothing is what a spreadsheet leaves below a table
    assert empty_rows == 0


def test_json_lines(tmp_path):
    content = '{"question": "One?", "score": 4}\n\n{"question": null, "score": null}\n'
    queries, empty_rows = read(tmp_path, "a.jsonl", content, score_column="score")
    assert (cells(queries), empty_rows) == ([["One?", "", 4.0]], 1)


def test_a_database(tmp_path):
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("CREATE TABLE asked (question TEXT)")
        connection.execute("INSERT INTO asked VALUES ('One?'), (NULL)")
    connection.close()
    url = f"sqlite:///{tmp_path / 'a.db'}"
    where = {"url": url, "query": "SELECT question FROM asked"}
    queries, empty_rows = read_queries(options(sql=where))
    assert (cells(queries), empty_rows) == ([["One?", "", None]], 1)


@each(
    ("name", "content", "more", "message"),
    [
        ("a.csv", "q\nOne?\n", {}, r"a\.csv:1: column 'question' is missing"),
        ("a.csv", "question\n \n", {}, r"a\.csv: no row has a question in 'question'"),
        ("a.csv", "question,s\nOne?,good\n", {"score_column": "s"}, r"a\.csv:2: 's' must be a number"),
        ("a.csv", "question,s\nOne?,nan\n", {"score_column": "s"}, r"a\.csv:2: 's' must be a number"),
        ("a.csv", "question\nOne?\n", {"answer_column": "b"}, r"a\.csv:1: column 'b' is missing \(found: question"),
        ("a.jsonl", "[1]\n", {}, r"a\.jsonl: row 1: must be an object"),
        ("a.jsonl", "{\n", {}, r"a\.jsonl:2: not valid JSON"),
        ("a.jsonl", '{"question": 5}\n', {}, r"a\.jsonl:1: 'question' must be text, not int"),
    ],
)  # fmt: skip
def test_bad_tables(tmp_path, name, content, more, message):
    with pytest.raises(InputError, match=message):
        read(tmp_path, name, content, **more)


def test_one_of_file_and_database():
    with pytest.raises(ValidationError, match="give either questions or sql"):
        options()
