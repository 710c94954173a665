"""A server, a database as a help desk has it, and dumps of it in every format."""

import os

import pytest
from postgres_server import REQUIRED, running_server, why_not

HELPDESK = r"""
CREATE EXTENSION vector;
CREATE TABLE chunk (
    id integer PRIMARY KEY,
    confluence_url text,
    body text NOT NULL,
    letters integer GENERATED ALWAYS AS (char_length(body)) STORED,
    embedding vector(3)
);
CREATE TABLE question_answer (
    id serial PRIMARY KEY,
    question text NOT NULL,
    answer text,
    score integer,
    shown boolean,
    chunks integer[],
    confluence_url character varying(200),
    embedding vector(3)
);
CREATE FUNCTION tricky() RETURNS text LANGUAGE plpgsql AS $body$
BEGIN
    -- it's; not the end
    RETURN 'a;b' || E'it\'s; "c"' /* ; */ ;
END;
$body$;
CREATE FUNCTION atomic(n integer) RETURNS integer LANGUAGE SQL
BEGIN ATOMIC
    SELECT CASE WHEN n > 1 THEN 2 ELSE 1 END;
    SELECT n + 1;
END;
CREATE VIEW good_answers AS SELECT id, question FROM question_answer WHERE score = 5;
COMMENT ON TABLE chunk IS 'pieces; of pages';
GRANT SELECT ON chunk TO PUBLIC;
INSERT INTO chunk (id, confluence_url, body, embedding) VALUES
    (3, 'https://wiki/b', E'Tab\there, line\nbreak; back\\slash', '[0,0,1]'),
    (1, 'https://wiki/a', 'Стипендию платят 25 числа.', '[1,0,0]'),
    (2, 'https://wiki/a', E'\\.', '[0,2,0]'),
    (4, NULL, 'No vector.', NULL);
INSERT INTO question_answer (question, answer, score, shown, chunks, confluence_url, embedding)
VALUES
    ('Когда платят стипендию?', '25 числа', 5, true, '{1}', 'https://wiki/a', '[1,0,0]'),
    ('What is a tab?', 'A sign', 1, false, '{3,2}', 'https://wiki/b/', NULL),
    ('Nobody knows?', NULL, NULL, NULL, NULL, NULL, NULL);
"""


@pytest.fixture(scope="session")
def server():
    problem = why_not()
    if problem and os.environ.get(REQUIRED) == "required":
        pytest.fail(f"PostgreSQL tests are required here: {problem}")
    if problem:
        pytest.skip(problem)
    with running_server() as server:
        server.psql("CREATE ROLE loader LOGIN PASSWORD 'geheim-9'")
        yield server


def helpdesk_on(server):
    """Where there is no pgvector, vectors stand in columns of text."""
    if server.has_pgvector():
        return HELPDESK
    return HELPDESK.replace("CREATE EXTENSION vector;", "").replace("vector(3)", "text")


@pytest.fixture
def pgvector(server):
    if not server.has_pgvector():
        pytest.skip("this server has no pgvector")


@pytest.fixture(scope="session")
def dumps(server, tmp_path_factory):
    """A dump by format; `helpdesk` itself stays on the server."""
    server.psql("CREATE DATABASE helpdesk")
    server.psql(helpdesk_on(server), "helpdesk")
    folder = tmp_path_factory.mktemp("dumps")
    options = {
        "plain.sql": [],
        "custom.dump": ["-Fc"],
        "all.tar": ["-Ft"],
        "inserts.sql": ["--inserts"],
        "column-inserts.sql": [
            "--column-inserts",
            "--rows-per-insert=2",
            "--on-conflict-do-nothing",
        ],
    }
    for name, how in options.items():
        (folder / name).write_bytes(server.dump("helpdesk", *how))
    return folder


@pytest.fixture
def target(server):
    """An empty database of the unprivileged role `loader`, with pgvector if it is there: a URL."""
    server.psql("DROP DATABASE IF EXISTS target WITH (FORCE)")
    server.psql("CREATE DATABASE target OWNER loader TEMPLATE template0")
    if server.has_pgvector():
        server.psql("CREATE EXTENSION vector", "target")
    return server.url("loader", "geheim-9", "target")
