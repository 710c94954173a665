"""From a dump to scores: as an SQLite file, and on a real server."""

import sqlite3

import pytest
from postgres_server import running_server, skip_without_server

pytestmark = pytest.mark.workflow

DUMP = """\
CREATE TABLE chunk (id integer NOT NULL, url text, body text NOT NULL, embedding text);
CREATE TABLE question_answer (
    id integer NOT NULL, question text, answer text, score integer, chunks integer[], embedding text
);
INSERT INTO chunk VALUES
    (1, 'https://wiki/a', 'Grants are paid on the 25th of each month.', '[1,0,0]'),
    (2, 'https://wiki/a', 'The library is open until nine.', '[0,1,0]'),
    (3, 'https://wiki/b', 'Lost cards are replaced in room 101.', '[0,0,1]');
INSERT INTO question_answer VALUES
    (11, 'When are grants paid?', 'on the 25th', 5, '{1}', '[0.9,0.1,0]'),
    (12, 'Where are lost cards replaced?', 'in room 101', 4, '{3}', '[0,0.1,0.9]'),
    (13, 'Anybody there?', NULL, 1, NULL, NULL);
"""
CONFIG = """\
databases:
  desk: {dump: desk.sql, trust: true}
corpora:
  wiki:
    sql: {database: desk, table: chunk, columns: {id: id, document: url, text: body, url: url}}
    chunking: {by: rows}
datasets:
  asked:
    corpus: wiki
    sql:
      database: desk
      table: question_answer
      columns: {id: id, question: question, answer: answer, score: score, relevant_chunks: chunks}
    task: open_qa
    scorer: {kind: texts, embedder: {kind: tfidf-svd}}
retrievers:
  bm25: {kind: bm25, top_k: 1}
  near:
    kind: dense
    embedder:
      kind: stored
      of:
        - {database: desk, table: chunk, columns: {text: body, vector: embedding}}
        - {database: desk, table: question_answer, columns: {text: question, vector: embedding}}
    top_k: 1
models:
  plain: {provider: extractive, match: words, threshold: 0.1}
plots: [overall_ranking]
"""
TARGETS = ("results/asked/scores/plain.json", "results/asked/retrieval.csv")


@pytest.fixture
def desk(project):
    project.path("desk.sql").write_text(DUMP)
    project.path("config.yaml").write_text(CONFIG)
    return project


def found(project):
    rows = project.rows("results/asked/contexts/near.jsonl")
    return {row["question_id"]: row["passages"][0]["chunk_id"] for row in rows}


@pytest.mark.postgres
def test_a_dump_becomes_a_file_and_is_loaded_once(desk):
    skip_without_server()
    run = desk.run(*TARGETS)
    assert run.code == 0, run.text
    assert desk.json("results/databases/desk.json")["tables"] == {"chunk": 3, "question_answer": 3}
    assert found(desk) == {"11": "1", "12": "3"}
    questions = desk.rows("results/asked/questions.jsonl")
    [scores, _] = desk.json("results/asked/scores/plain.json")["summaries"]
    assert 0 < scores["metrics"]["semantic_similarity"]["value"] < 1
    assert [q["relevant_chunks"] for q in questions] == [["1"], ["3"]]
    assert [q["tags"] for q in questions] == [["score 5"], ["score 4"]]
    assert "without an answer, of 3" in desk.path("results/logs/questions/asked.log").read_text()
    desk.edit("desk.sql", "of each month", "of every month")
    assert {"database_embedded", "chunks", "index"} <= set(desk.run(*TARGETS, "-n").jobs())
    desk.edit("config.yaml", "table: chunk, columns: {id", "table: chunks, columns: {id")
    wrong = desk.run(*TARGETS)
    assert wrong.code == 1
    assert "there is no table 'chunks'; did you mean 'chunk'?" in wrong.text


@pytest.mark.postgres
def test_the_same_from_a_server(desk):
    skip_without_server()
    desk.edit("config.yaml", "trust: true", "trust: true, url_env: DESK")
    with running_server() as server:
        server.psql("CREATE ROLE desk_reader LOGIN PASSWORD 'geheim-77'")
        server.psql("CREATE DATABASE desk OWNER desk_reader TEMPLATE template0")
        desk.path(".env").write_text(f"DESK={server.url('desk_reader', 'geheim-77', 'desk')}\n")
        run = desk.run("results/asked/contexts/near.jsonl")
        assert run.code == 0, run.text
        assert found(desk) == {"11": "1", "12": "3"}
    files = [path for path in desk.path("results").rglob("*") if path.is_file()]
    files += [path for path in desk.path(".snakemake").rglob("*") if path.is_file()]
    assert [str(path) for path in files if b"geheim-77" in path.read_bytes()] == []
    assert "geheim-77" not in run.text


THERE = """\
databases:
  there: {url: 'sqlite:///there.db'}
corpora:
  wiki: {sql: {database: there, table: pages}}
datasets:
  quiz: {corpus: wiki, questions: quiz.csv}
retrievers:
  bm25: {kind: bm25}
models:
  plain: {provider: extractive}
"""


@pytest.mark.smoke
def test_a_file_that_is_there_is_seen_to_change(project):
    def pages(statement):
        with sqlite3.connect(project.path("there.db")) as connection:
            connection.execute(statement)
        connection.close()

    pages("CREATE TABLE pages AS SELECT 'a' AS id, 'Grants are paid on the 25th.' AS text")
    project.path("config.yaml").write_text(THERE)
    chunks = "results/corpora/wiki/chunks.jsonl"
    assert project.run(chunks).code == 0
    pages("UPDATE pages SET text = 'Grants are paid on the 1st.'")
    assert project.run(chunks, "-n").jobs() == {"database": 1, "chunks": 1}
