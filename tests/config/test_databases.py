import pytest
from cases import each

from modellab.config.entries import databases_of
from modellab.config.loading import load_config
from modellab.core.errors import InputError

DATABASES = """\
databases:
  desk: {dump: desk.sql}
  server: {dump: desk.sql, url_env: DESK_URL}
corpora:
  notes:
    sql: {database: desk, table: chunk, columns: {id: id, text: body}}
    chunking: {by: rows}
datasets:
  quiz:
    corpus: notes
    sql: {database: server, table: qa, columns: {id: id, question: q, answer: a}}
    task: open_qa
embedders:
  minilm: {kind: sentence-transformers}
  stored: {kind: stored, embedder: minilm, of: [{database: server, table: chunk}]}
retrievers:
  near: {kind: dense, embedder: stored}
models:
  base: {provider: extractive}
"""


@pytest.fixture
def load(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "desk.sql").touch()

    def with_change(old="", new=""):
        assert not old or DATABASES.count(old) == 1
        (tmp_path / "config.yaml").write_text(DATABASES.replace(old, new) if old else DATABASES)
        return load_config([tmp_path / "config.yaml"])

    return with_change


def test_a_database_by_name_has_its_url(load):
    config = load()
    corpus, dataset = config.corpora["notes"].sql, config.datasets["quiz"].sql
    assert (corpus.url, corpus.url_env) == ("sqlite:///results/databases/desk.db", None)
    assert (dataset.url, dataset.url_env) == (None, "DESK_URL")
    stored = config.embedders["stored"]
    assert (stored.of[0].url_env, stored.embedder.kind) == ("DESK_URL", "sentence-transformers")
    assert databases_of(config.corpora["notes"]) == ["desk"]
    assert databases_of(config) == ["desk", "server"]
    # a job reads what the config was resolved to
    assert type(corpus)(**corpus.model_dump(mode="json")) == corpus


@each(
    ("old", "new", "message"),
    [
        (
            "database: desk,",
            "database: desc,",
            "unknown database 'desc'; choose from: desk, server",
        ),
        (
            "database: desk,",
            "database: desk, url_env: X,",
            r"sql\.database: its URL is in `datab",
        ),
        ("desk: {dump: desk.sql}", "desk: {dump: nope.sql}", "nope.sql: no such file or folder"),
        ("desk: {dump: desk.sql}", "desk: {}", "give a dump, a url or a url_env"),
        ("url_env: DESK_URL", "url: 'postgresql://a:b@c/d'", "url holds a password"),
        (
            "url_env: DESK_URL",
            "url: 'sqlite:///x.db'",
            "a dump goes into PostgreSQL; for an SQLite",
        ),
        ("{dump: desk.sql, url_env", "{trust: true, url_env", "trust: only for a dump"),
        ("table: qa,", "table: qa, query: SELECT 1,", "give either query or table"),
        ("table: qa,", "query: SELECT 1,", "columns go with a table"),
        ("question: q,", "questions: q,", "sql.columns: unknown 'questions'; known: id, question"),
        ("text: body", "texts: body", "sql.columns: unknown 'texts'; known: id, text, title"),
        ("task: open_qa", "task: open_qa\n    format: jsonl", "format is of a file of questions"),
        ("task: open_qa", "task: open_qa\n    questions: x.csv", "give either questions or sql"),
        (
            "embedder: minilm,",
            "embedder: stored,",
            "unknown embedder that is a pretrained model 'stored'",
        ),
    ],
)
def test_mistakes(load, old, new, message):
    old, new = (
        (old, new) if old != "dump: desk.sql}" else ("desk: {dump: desk.sql}", "desk: {" + new)
    )
    with pytest.raises(InputError, match=message) as caught:
        load(old, new)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        (
            "task: open_qa",
            "task: open_qa\n    scorer: {kind: texts, embedder: stored}",
            "quiz.scorer",
        ),
        (
            "models:",
            "judges:\n  j: {kind: ragas, model: {provider: litellm, model: openai/x}, "
            "embedder: stored}\nmodels:",
            "judges.j",
        ),
    ],
)
def test_answers_need_an_embedder_that_is_asked(load, tmp_path, old, new, place):
    assert load(old, new)
    path = tmp_path / "config.yaml"
    path.write_text(path.read_text().replace(" embedder: minilm,", ""))
    with pytest.raises(InputError, match=rf"{place}\.embedder: answers of models have no stored"):
        load_config([path])


def test_a_config_as_plain_data_is_the_same_config(load):
    """As `snakemake preflight` hands it on."""
    config = load()
    assert type(config).model_validate(config.model_dump(mode="json")) == config
