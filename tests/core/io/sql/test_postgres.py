"""Loading into a real server."""

import pytest

from modellab.core.errors import InputError
from modellab.core.io.sql.loading import load, reset, status
from modellab.core.io.sql.options import DatabaseOptions, SqlOptions
from modellab.core.io.sql.rows import query_rows

TABLES = {"chunk": 4, "question_answer": 3}


@pytest.fixture
def loading(target, tmp_path, monkeypatch):
    """Loads a dump into the target; further options of the entry as keywords."""
    monkeypatch.setenv("TARGET_URL", target)

    def run(dump, what=load, **options):
        entry = DatabaseOptions(dump=dump, **{"url_env": "TARGET_URL", **options})
        return what("desk", entry, tmp_path / "desk.db", tmp_path / "desk.json")

    return run


def rows(**selected):
    return query_rows(SqlOptions(url_env="TARGET_URL", **selected))[1]


def written(tmp_path, *lines):
    path = tmp_path / "own.sql"
    path.write_text("-- PostgreSQL database dump\n" + "\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("name", ["plain.sql", "custom.dump", "all.tar"])
def test_a_dump_in_each_format(server, dumps, loading, monkeypatch, name):
    server.on_path(monkeypatch)
    found = loading(dumps / name)
    assert found.tables == TABLES
    assert "geheim" not in found.where
    chunks = rows(table="chunk", columns={"id": "id", "text": "body", "vector": "embedding"})
    assert [chunk["id"] for chunk in chunks] == [1, 2, 3, 4]
    assert chunks[2] == {
        "id": 3,
        "text": "Tab\there, line\nbreak; back\\slash",
        "vector": "[0,0,1]",
    }
    assert chunks[1]["text"] == "\\."
    assert rows(query="SELECT tricky(), atomic(4)") == [{"tricky": 'a;bit\'s; "c"', "atomic": 5}]
    assert rows(table="good_answers")[0]["question"] == "Когда платят стипендию?"
    assert server.psql(
        "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'", "target"
    ) == [("loader",)]


def test_a_zipped_dump_once(dumps, loading, tmp_path):
    import gzip

    zipped = tmp_path / "desk.sql.gz"
    zipped.write_bytes(gzip.compress((dumps / "plain.sql").read_bytes(), mtime=0))
    first = loading(zipped)
    stamp = (tmp_path / "desk.json").read_bytes()
    assert loading(zipped) == first
    assert (tmp_path / "desk.json").read_bytes() == stamp
    assert "desk.sql.gz" in loading(zipped, status)


def test_another_dump_asks_for_a_reset(dumps, loading, tmp_path):
    loading(dumps / "plain.sql")
    changed = tmp_path / "changed.sql"
    changed.write_text((dumps / "plain.sql").read_text() + "\n-- changed\n")
    with pytest.raises(InputError, match=r"holds another dump \(plain\.sql, .*reset NAME --yes"):
        loading(changed)
    assert "but the dump has changed since" in loading(changed, status)
    loading(changed, reset)
    assert loading(changed, status) == "desk: not loaded"
    assert loading(changed).tables == TABLES


def test_only_what_was_loaded_here_is_emptied(server, dumps, loading):
    server.psql("SET ROLE loader; CREATE TABLE mine (a int)", "target")
    with pytest.raises(InputError, match=r"was not filled by this project; nothing is done"):
        loading(dumps / "plain.sql", reset)
    with pytest.raises(InputError, match=r"not empty \(it holds public\.mine\)"):
        loading(dumps / "plain.sql")
    assert server.psql("SELECT count(*) FROM mine", "target") == [(0,)]


def test_an_administrator_makes_role_and_database(server, dumps, loading, monkeypatch):
    server.psql("DROP DATABASE IF EXISTS made WITH (FORCE)")
    server.psql("DROP ROLE IF EXISTS made_role")
    monkeypatch.setenv("ADMIN_URL", server.admin)
    monkeypatch.setenv(
        "TARGET_URL", server.url("made_role", "x;'y", "made").replace(";'", "%3B%27")
    )
    assert loading(dumps / "plain.sql", status, admin_url_env="ADMIN_URL") == "desk: not loaded"
    for _ in range(2):
        assert loading(dumps / "plain.sql", admin_url_env="ADMIN_URL").tables == TABLES
    [role] = server.psql(
        "SELECT rolsuper, rolcreatedb, rolcreaterole, rolcanlogin FROM pg_roles WHERE rolname = 'made_role'"
    )
    assert role == (False, False, False, True)


def test_a_role_with_rights_loads_nothing(server, dumps, loading, monkeypatch):
    monkeypatch.setenv("TARGET_URL", server.admin.replace("/postgres?", "/target?"))
    with pytest.raises(InputError, match=r"not loaded as a role with the rights of 'pg_execute"):
        loading(dumps / "plain.sql")
    server.psql("CREATE ROLE indirect LOGIN; GRANT pg_read_server_files TO indirect")
    monkeypatch.setenv("TARGET_URL", server.url("indirect", "", "target"))
    with pytest.raises(InputError, match=r"rights of 'pg_read_server_files'"):
        loading(dumps / "plain.sql")
    server.psql("DROP ROLE indirect")


#: before version 16, and since
TO_COPY = "(?:must be superuser or have privileges of the .* to|permission denied to) COPY"
ATTACKS = {
    r"\! touch {flag}": r"own\.sql:3: \\! is a command of psql",
    r"\copy t to program 'touch {flag}'": r"\\copy is a command of psql",
    r"\o |touch {flag}": r"\\o is a command of psql",
    "COPY t FROM PROGRAM 'touch {flag}';": '"COPY t FROM PROGRAM .* is not loaded',
    "DO $$ BEGIN EXECUTE 'COPY t FROM PROGRAM ''touch {flag}'''; END $$;": TO_COPY,
    "COPY t FROM '/etc/passwd';": f"{TO_COPY}.* from a file",
    "SELECT pg_read_file('/etc/passwd');": "permission denied for function pg_read_file",
    "CREATE ROLE x SUPERUSER;": "'CREATE ROLE x SUPERUSER;' is not loaded",
    "DO $$ BEGIN CREATE ROLE x; END $$;": "permission denied to create role",
    "ALTER SYSTEM SET archive_command = 'touch {flag}';": "is not loaded",
    "SET ROLE postgres;": "is not loaded",
    "/* -- */ COMMIT;": "'COMMIT;' is not loaded",
    "DO $$ BEGIN COMMIT; END $$;": "invalid transaction termination",
    "SELECT set_config('role', 'postgres', false);": "permission denied to set role",
    "CREATE EXTENSION file_fdw;": "refused by the server",
    "CREATE FUNCTION c() RETURNS int AS '/tmp/x.so' LANGUAGE C;": "permission denied for language c",
}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda text: text[:24])
def test_a_dump_cannot_reach_out_and_nothing_stays(server, loading, tmp_path, attack):
    flag = tmp_path / "flag"
    dump = written(tmp_path, "CREATE TABLE public.t (a text);", attack.replace("{flag}", str(flag)))
    with pytest.raises(InputError, match=ATTACKS[attack]) as caught:
        loading(dump)
    assert "\n" not in str(caught.value)
    assert not flag.exists()
    assert (
        server.psql(
            "SELECT tablename FROM pg_tables WHERE schemaname IN ('public', 'modellab')", "target"
        )
        == []
    )
    assert server.psql("SELECT count(*) FROM pg_roles WHERE rolname = 'x'") == [(0,)]


def test_what_is_read_is_not_written(loading, tmp_path):
    loading(
        written(
            tmp_path,
            "CREATE TABLE public.t (a int);",
            "CREATE FUNCTION public.f() RETURNS int LANGUAGE plpgsql AS",
            "$$ BEGIN INSERT INTO public.t VALUES (1); RETURN 1; END $$;",
            "CREATE VIEW public.v AS SELECT public.f() AS id;",
        )
    )
    with pytest.raises(InputError, match="cannot execute INSERT in a read-only transaction"):
        rows(table="v")


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["SELECT nothing FROM nowhere;"], r"own\.sql:2: 'SELECT nothing .* refused by the server"),
        (
            ["CREATE EXTENSION nosuch;"],
            "install it on the server, or leave the URL out",
        ),
        (
            ["-- Dumped by pg_dump version 99.1", "SET future = 1;"],
            r"the dump was made by version 99, the server is \d+: use a newer one",
        ),
        (
            ["CREATE TABLE public.t (a int);", "COPY public.t (a) FROM stdin;", "x", "\\."],
            "invalid input",
        ),
    ],
)
def test_bad_dumps(loading, tmp_path, lines, message):
    with pytest.raises(InputError, match=message) as caught:
        loading(written(tmp_path, *lines))
    assert "\n" not in str(caught.value)


def test_a_dump_that_takes_too_long_leaves_nothing(server, loading, tmp_path):
    slow = written(tmp_path, "CREATE TABLE public.t (a int);", "SELECT pg_catalog.pg_sleep(60);")
    with pytest.raises(InputError, match=r"databases\.desk: loading took longer than its timeout"):
        loading(slow, timeout_minutes=0.02)
    assert server.psql("SELECT count(*) FROM pg_tables WHERE tablename = 't'", "target") == [(0,)]


def test_files_that_are_no_dump(loading, tmp_path, server, monkeypatch):
    server.on_path(monkeypatch)
    other = tmp_path / "other.csv"
    for content, message in {
        b"id,text\n1,a\n": "not a dump of PostgreSQL",
        b"": "not a dump of PostgreSQL",
        b"\x00\xff\x00": "not a dump of PostgreSQL",
        b"-- PostgreSQL database cluster dump\n": r"a dump of a whole server \(pg_dumpall\)",
        b"PGDMP\x01\x63\x00": "pg_restore cannot read it .*newer version than pg_restore",
        b"PGDMP\x01\x0e\x00": "pg_restore cannot read it",
        b"\x1f\x8bbroken": "a broken archive",
    }.items():
        other.write_bytes(content)
        with pytest.raises(InputError, match=message) as caught:
            loading(other)
        assert "\n" not in str(caught.value)


def test_without_pg_restore(dumps, loading, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(InputError, match=r"pg_restore is needed .* pg_dump without -F"):
        loading(dumps / "custom.dump")


def test_a_server_that_is_not_there(dumps, loading, monkeypatch):
    monkeypatch.setenv("TARGET_URL", "postgresql://loader:geheim-9@127.0.0.1:1/x")
    for what in (load, reset):
        with pytest.raises(InputError, match=r"127\.0\.0\.1:1/x: cannot be reached") as caught:
            loading(dumps / "plain.sql", what)
        assert "geheim" not in str(caught.value)
    assert "cannot be reached" in loading(dumps / "plain.sql", status)
    monkeypatch.delenv("TARGET_URL")
    with pytest.raises(InputError, match="the variable TARGET_URL is not set"):
        loading(dumps / "plain.sql")


@pytest.mark.parametrize(
    ("selected", "message"),
    [
        ({"table": "chunks"}, "there is no table 'chunks'; did you mean 'chunk'?"),
        (
            {"table": "nothing.like"},
            r"there is no table 'nothing.like' \(there are: chunk, good_answers",
        ),
        ({"table": "chunk", "columns": {"text": "bodi"}}, "no column 'bodi'; did you mean 'body'?"),
        (
            {"table": "public.chunk", "columns": {"text": "zzz"}},
            r"no column 'zzz' \(there are: body, ",
        ),
    ],
)
def test_near_matches(dumps, loading, selected, message):
    loading(dumps / "plain.sql")
    with pytest.raises(InputError, match=message):
        rows(**selected)


def test_an_existing_database(server, target, tmp_path, dumps):
    server.psql("SET ROLE loader; CREATE TABLE notes AS SELECT 1 AS id", "target")
    entry = DatabaseOptions(url=target.replace(":geheim-9", ""))
    paths = (tmp_path / "x.db", tmp_path / "x.json")
    assert load("x", entry, *paths).tables == {"notes": 1}
    assert status("x", entry, *paths) == "x: as it was found: notes (1 rows)"
    with pytest.raises(InputError, match="has no dump: it is not this project's to empty"):
        reset("x", entry, *paths)
