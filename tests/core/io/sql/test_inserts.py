"""Rows of INSERT statements."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellab.core.errors import InputError
from modellab.core.io.sql.inserts import Unset, read_insert


def read(text):
    found = read_insert(text, "x.sql", 7)
    return found.table, found.columns, list(found.rows)


def cell(literal):
    [[value]] = read(f"INSERT INTO t VALUES ({literal});")[2]
    return value


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("NULL", None),
        ("true", "true"),
        ("FALSE", "false"),
        ("-12", "-12"),
        ("1.5e-07", "1.5e-07"),
        ("'NaN'", "NaN"),
        ("'it''s; a \\ (b), c'", "it's; a \\ (b), c"),
        ("''", ""),
        ("'two\nlines'", "two\nlines"),
        (r"E'it\'s ''\\ \tЖ \q'", "it's '\\ \tЖ q"),
        ("B'101'", "101"),
        ("'[1,2.5]'::public.vector", "[1,2.5]"),
        ("'x'::character varying(20)", "x"),
        ("'{a,\"b c\"}'::text[]", '{a,"b c"}'),
        ("'2020-01-01 10:00:00+00'::timestamp with time zone", "2020-01-01 10:00:00+00"),
        ('5::"My schema"."My type"::numeric(3, 1)', "5"),
        ("DEFAULT", Unset.DEFAULT),
    ],
)
def test_literals(literal, value):
    assert cell(literal) == value


def test_heads_and_rows():
    rows = [["1", "a"], ["2", None]]
    many = "VALUES\n\t(1, 'a'),\n\t(2, NULL)"
    assert read(f"INSERT INTO public.t {many};") == ("t", None, rows)
    assert read(f"insert into t {many}\nON CONFLICT DO NOTHING;")[2] == rows
    named = f'INSERT INTO other."odd ""t" (id, "a, (b)") OVERRIDING SYSTEM VALUE {many};'
    assert read(named) == ('other.odd "t', ["id", "a, (b)"], rows)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("INSERT INTO t VALUES (now());", r"x\.sql:7: 'now\(\)\);' is not read: without a server"),
        ("INSERT INTO t VALUES (1,\n\n 2 + 3);", r"x\.sql:9: '2 \+ 3\);' is not read"),
        ("INSERT INTO t SELECT * FROM u;", r"x\.sql:7: 'INSERT INTO t SELECT"),
        ("INSERT INTO t VALUES (pg_read_file('/etc/passwd'));", "pg_read_file"),
        ("INSERT INTO t VALUES ((SELECT 1));", r"'\(SELECT 1"),
        ("INSERT INTO t VALUES ('a' || 'b');", "is not read"),
        ("INSERT INTO t VALUES (ARRAY[1, 2]);", "'ARRAY"),
        ("INSERT INTO t VALUES (U&'d');", "U&"),
        (r"INSERT INTO t VALUES (E'\x41');", r"E'\\+x41'"),
        (r"INSERT INTO t VALUES (1, E'\ud800');", r"E'\\+ud800'"),
        ("INSERT INTO t VALUES (1) RETURNING id;", "'RETURNING id;'"),
        ("INSERT INTO t VALUES (1) ON CONFLICT DO UPDATE SET a = 1;", "'ON CONFLICT DO UPDATE"),
        ("INSERT INTO t VALUES (1), ;", "';' is not read"),
        ("INSERT INTO t VALUES ();", r"'\);' is not read"),
        ("INSERT INTO t DEFAULT VALUES;", "is not read"),
        ("INSERT INTO t VALUES (12abc);", "'12abc"),
        ("INSERT INTO t VALUES (nullify);", "'nullify"),
    ],
)
def test_what_is_no_literal_is_refused(text, message):
    with pytest.raises(InputError, match=message) as caught:
        read(text)
    assert "\n" not in str(caught.value)


@given(st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"])), min_size=1))
def test_what_is_written_is_read(cells):
    written = ["NULL" if c is None else "'" + c.replace("'", "''") + "'" for c in cells]
    assert read(f"INSERT INTO t VALUES ({', '.join(written)});")[2] == [cells]


def test_a_hostile_statement_takes_no_time():
    for text in ("'" * 200_001, "(" * 200_000, "1::" + "a " * 100_000, "'a'" + "::b" * 60_000):
        with pytest.raises(InputError):
            read(f"INSERT INTO t VALUES ({text};")
