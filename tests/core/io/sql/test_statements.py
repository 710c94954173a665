import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellab.core.errors import InputError
from modellab.core.io.sql.statements import statements


def split(text):
    found = statements(io.BytesIO(text.encode()), "x.sql")
    return [(s.line, s.text.decode(), s.rows and b"".join(s.rows).decode()) for s in found]


def texts(text):
    return [found for _, found, _ in split(text)]


@pytest.mark.parametrize(
    "one",
    [
        "SELECT 'a;b''c;';",
        r"SELECT E'it\'s; ''d;\\';",
        'SELECT "a;""b";',
        "DO $$ BEGIN x; END; $$;",
        "DO $a$ $$ ; $b$ ; $a$;",
        "SELECT $1;",
        "SELECT a$b FROM t;",
        "CREATE FUNCTION f() RETURNS int LANGUAGE SQL BEGIN ATOMIC SELECT CASE WHEN 1 THEN 2 END; SELECT 1; END;",
        "SELECT CASE WHEN a THEN b END;",
        "SELECT 'line\nCOPY t FROM stdin;\n';",
        "SELECT U&'d;';",
    ],
)
def test_a_semicolon_within_is_no_end(one):
    assert texts(f"{one}\nSELECT 2; SELECT 3;\n") == [one, "SELECT 2;", "SELECT 3;"]


def test_comments_are_left_out():
    text = "-- a; b\n/* c; /* d; */ e; */ COMMIT;\nSELECT 1 -- it's\n, 2 /* '; */;\n"
    assert texts(text) == ["COMMIT;", "SELECT 1 \n, 2  ;"]


def test_rows_follow_a_copy():
    text = "COPY public.t (a) FROM stdin;\n1\n\\.x\n;'$$\n\\.\nSELECT 1;\n"
    assert split(text) == [
        (1, "COPY public.t (a) FROM stdin;", "1\n\\.x\n;'$$\n"),
        (6, "SELECT 1;", None),
    ]


def test_rows_that_nobody_reads_are_passed_over():
    text = "COPY t FROM stdin;\nSELECT 7;\n\\.\nSELECT 1;\n"
    assert [s.text for s in statements(io.BytesIO(text.encode()), "x")] == [
        b"COPY t FROM stdin;",
        b"SELECT 1;",
    ]


def test_the_guards_of_pg_dump_are_passed_over():
    assert texts("\\restrict Ab1\n\nSELECT 1;\n\\unrestrict Ab1\n") == ["SELECT 1;"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT 1;\n\\! touch /tmp/x\n", r"x\.sql:2: \\! is a command of psql, which is not run"),
        ("\\copy t from program 'id'\n", r"x\.sql:1: \\copy is a command of psql"),
        ("\\connect other\n", "dump one database, without --create"),
        ("SELECT 'a\n\n", r"x\.sql:1: the dump ends within a statement"),
        ("COPY t FROM stdin;\n1\n", r"x\.sql:1: the dump ends within the rows of this COPY"),
    ],
)
def test_what_is_refused(text, message):
    with pytest.raises(InputError, match=message):
        split(text)


@given(st.text(alphabet="a;'\"$\\-/*\nE ", max_size=60))
def test_any_text_is_split_or_refused(text):
    try:
        found = texts(text)
    except InputError:
        return
    assert all(one.endswith(";") for one in found)


@given(st.lists(st.text(alphabet='a;$\\-/*\n"é', max_size=20), min_size=1, max_size=5))
def test_literals_come_back_whole(values):
    written = [f"SELECT '{value}';" for value in values]
    assert texts("\n".join(written)) == written
