"""A server, a database as a help desk has it, and dumps of it."""

import pytest
from postgres_server import running_server, skip_without_server

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
    score numeric,
    shown boolean,
    chunks integer[],
    confluence_url character varying(200),
    embedding vector(3)
);
CREATE FUNCTION tricky() RETURNS text LANGUAGE SQL AS $$ SELECT 'a;b' $$;
CREATE VIEW good_answers AS SELECT id, question FROM question_answer WHERE score = 5;
CREATE SCHEMA archive;
CREATE TABLE archive.notes (id uuid PRIMARY KEY, body text);
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
    ('What is a tab?', 'A sign', 1.5, false, '{3,2}', 'https://wiki/b/', NULL),
    ('Nobody knows?', NULL, NULL, NULL, NULL, NULL, NULL);
"""


@pytest.fixture(scope="session")
def server():
    skip_without_server()
    with running_server() as server:
        server.psql("CREATE ROLE loader LOGIN PASSWORD 'geheim-9'")
        yield server


@pytest.fixture(scope="session")
def dumps(server, tmp_path_factory):
    """A dump by format; `helpdesk` itself stays on the server."""
    server.psql("CREATE DATABASE helpdesk")
    vectors = server.has_pgvector()
    plain = HELPDESK.replace("CREATE EXTENSION vector;", "").replace("vector(3)", "text")
    server.psql(HELPDESK if vectors else plain, "helpdesk")
    folder = tmp_path_factory.mktemp("dumps")
    bare = ("--no-owner", "--no-privileges", "--no-comments")
    options = {"desk.sql": bare, "desk.dump": ["-Fc"], "desk.tar": ["-Ft"]}
    for name, how in options.items():
        (folder / name).write_bytes(server.dump("helpdesk", *how))
    server.dump("helpdesk", "-Fd", "--file", folder / "desk")
    return folder


@pytest.fixture
def target(server):
    """An empty database of the unprivileged role `loader`, with pgvector if it is there: a URL."""
    server.psql("DROP DATABASE IF EXISTS target WITH (FORCE)")
    server.psql("CREATE DATABASE target OWNER loader TEMPLATE template0")
    if server.has_pgvector():
        server.psql("CREATE EXTENSION vector", "target")
    return server.url("loader", "geheim-9", "target")
