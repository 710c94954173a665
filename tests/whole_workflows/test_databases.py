"""From a dump to scores: in the embedded PostgreSQL, on a real server, and beside an SQLite file."""

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
ENTRIES = """\
databases:
  desk: {dump: desk.sql, trust: true}
  far: {dump: desk.sql, trust: true, url_env: DESK}
corpora:
  desk: {sql: {database: desk, table: chunk, CHUNKS}, chunking: {by: rows}}
  far: {sql: {database: far, table: chunk, CHUNKS}, chunking: {by: rows}}
datasets:
  desk: {corpus: desk, sql: {database: desk, table: question_answer, QUESTIONS}, SCORER}
  far: {corpus: far, sql: {database: far, table: question_answer, QUESTIONS}, SCORER}
retrievers:
  bm25: {kind: bm25, top_k: 1}
  desk: {kind: dense, top_k: 1, embedder: {kind: stored, of: [
    {database: desk, table: chunk, BODIES}, {database: desk, table: question_answer, ASKED}]}}
  far: {kind: dense, top_k: 1, embedder: {kind: stored, of: [
    {database: far, table: chunk, BODIES}, {database: far, table: question_answer, ASKED}]}}
models:
  plain: {provider: extractive, match: words, threshold: 0.1, retrievers: [bm25]}
plots: [overall_ranking]
"""
PARTS = {
    "CHUNKS": "columns: {id: id, document: url, text: body, url: url}",
    "QUESTIONS": "columns: "
    "{id: id, question: question, answer: answer, score: score, relevant_chunks: chunks}",
    "SCORER": "task: open_qa, scorer: {kind: texts, embedder: {kind: tfidf-svd}}",
    "BODIES": "columns: {text: body, vector: embedding}",
    "ASKED": "columns: {text: question, vector: embedding}",
}
CONTEXTS = {name: f"results/{name}/contexts/{name}.jsonl" for name in ("desk", "far")}
PASSWORD = "geheim-77"


@pytest.mark.postgres
def test_a_dump_is_loaded_here_and_into_a_server(project):
    skip_without_server()
    text = ENTRIES
    for name, part in PARTS.items():
        text = text.replace(name, part)
    project.path("config.yaml").write_text(text)
    project.path("desk.sql").write_text(DUMP)
    with running_server() as server:
        server.psql(f"CREATE ROLE desk_reader LOGIN PASSWORD '{PASSWORD}'")
        server.psql("CREATE DATABASE desk OWNER desk_reader TEMPLATE template0")
        project.path(".env").write_text(f"DESK={server.url('desk_reader', PASSWORD, 'desk')}\n")
        scores = "results/desk/scores/plain.json"
        run = project.run(scores, "results/desk/retrieval.csv", *CONTEXTS.values())
    assert run.code == 0, run.text
    for path in CONTEXTS.values():
        found = {row["question_id"]: row["passages"][0]["chunk_id"] for row in project.rows(path)}
        assert found == {"11": "1", "12": "3"}
    loaded = project.json("results/databases/desk.json")
    assert loaded["tables"] == {"chunk": 3, "question_answer": 3}
    [summary, *_] = project.json(scores)["summaries"]
    assert 0 < summary["metrics"]["semantic_similarity"]["value"] < 1
    questions = project.rows("results/desk/questions.jsonl")
    assert [q["relevant_chunks"] for q in questions] == [["1"], ["3"]]
    assert [q["tags"] for q in questions] == [["score 5"], ["score 4"]]
    assert "without an answer, of 3" in project.path("results/logs/questions/desk.log").read_text()

    folders = (project.path("results"), project.path(".snakemake"))
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert [path for path in files if PASSWORD.encode() in path.read_bytes()] == []
    assert PASSWORD not in run.text


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
def test_a_database_that_is_there(project):
    with sqlite3.connect(project.path("there.db")) as connection:
        connection.execute("CREATE TABLE pages AS SELECT 'a' AS id, 'Paid on the 25th.' AS text")
    connection.close()
    project.path("config.yaml").write_text(THERE)
    assert project.run("results/corpora/wiki/chunks.jsonl").code == 0
    [chunk] = project.rows("results/corpora/wiki/chunks.jsonl")
    assert chunk["text"] == "Paid on the 25th."
