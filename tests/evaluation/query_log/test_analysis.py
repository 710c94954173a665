import sqlite3

import pytest
from retrieval_samples import bytes_in, chunks_of

from modellab.core.io.csv_file import read_csv
from modellab.core.io.jsonl import read_json, write_rows
from modellab.evaluation.query_log.analysis import analyse_query_log
from modellab.evaluation.query_log.options import QueryLogOptions
from modellab.models.embedders.stored import StoredOptions
from modellab.models.embedders.tfidf_svd import TfidfSvdOptions
from modellab.reporting.plots import QUERY_LOG_PICTURES
from modellab.reporting.plots.query_log import draw_query_log
from modellab.retrieval.bm25 import Bm25Options

QUESTIONS = """question,answer,score
How much water do cats drink?,A lot,5
Do cats drink milk?,,1
Which birds sing songs?,Larks,4
Do birds sing at night?,=cmd|' /C calc'!A0,
zzz?,,
"""


@pytest.fixture
def analyse(tmp_path):
    chunks = chunks_of("cats drink milk and water", "birds sing songs", "fish swim")
    write_rows(tmp_path / "chunks.jsonl", chunks)
    bm25 = Bm25Options(kind="bm25")
    (tmp_path / "bm25").mkdir()
    bm25.build(chunks, tmp_path / "bm25", 0)

    def analyse(content=QUESTIONS, out="out", embedder=None, **more):
        (tmp_path / "asked.csv").write_text(content)
        options = QueryLogOptions(
            corpus="c", questions=tmp_path / "asked.csv", retriever="bm25", embedder="lsa",
            top_k=2, topics=2, **more,
        )  # fmt: skip
        analyse_query_log(
            options, tmp_path / "chunks.jsonl", bm25, tmp_path / "bm25",
            embedder or TfidfSvdOptions(kind="tfidf-svd"), tmp_path / "vectors", 3, tmp_path / out,
        )  # fmt: skip
        return tmp_path / out

    return analyse


def test_the_whole_analysis(analyse):
    out = analyse(answer_column="answer", score_column="score")
    used = read_json(out / "utilisation.json")
    assert (used["questions"], used["nothing_found"], used["used_chunks"]) == (5, 1, 2)
    assert len(read_csv(out / "chunk_uses.csv").rows) == 3
    found = read_json(out / "topics.json")
    assert found["questions"] + found["without_vector"] == 5
    assert sum(topic["questions"] for topic in found["topics"]) == found["questions"]
    assert read_json(out / "domain.json")["answered"] == 3
    assert bytes_in(analyse(out="again", answer_column="answer", score_column="score")) == bytes_in(
        out
    )


def test_questions_without_a_stored_vector_are_counted(analyse, tmp_path):
    with sqlite3.connect(tmp_path / "v.db") as connection:
        connection.execute(
            "CREATE TABLE v AS SELECT 'Which birds sing songs?' AS text, '[1,0]' AS vector"
        )
    connection.close()
    where = {"url": f"sqlite:///{tmp_path}/v.db", "table": "v"}
    out = analyse(embedder=StoredOptions(kind="stored", of=[where]))
    found = read_json(out / "topics.json")
    assert (found["questions"], found["without_vector"]) == (1, 4)


def pictures(folder):
    return [
        [folder / f"{name}.{kind}" for name in QUERY_LOG_PICTURES] for kind in ("png", "svg", "pdf")
    ]


@pytest.mark.parametrize("more", [{}, {"answer_column": "answer", "score_column": "score"}])
def test_pictures(analyse, tmp_path, more):
    out = analyse(**more)
    png, svg, pdf = pictures(tmp_path)
    draw_query_log(out, png, svg, pdf)
    for one, other in zip(png, svg, strict=True):
        assert one.read_bytes().startswith(b"\x89PNG")
        assert b"</svg>" in other.read_bytes()


def test_pictures_of_nothing(analyse, tmp_path):
    out = analyse("question\nzzz?\n")
    draw_query_log(out, *pictures(tmp_path))
    assert "No question finds a chunk" in (tmp_path / "chunk_use.svg").read_text()


def test_no_cell_of_a_table_is_a_formula(analyse):
    out = analyse('question\n"=HYPERLINK(""http://x"",""birds sing"")"\n')
    [topic] = read_csv(out / "topics.csv").rows
    assert topic["samples"].startswith("'=HYPERLINK")
    assert read_json(out / "topics.json")["topics"][0]["samples"][0].startswith("=HYPERLINK")
