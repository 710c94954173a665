import gzip
import json

import pytest
from cases import each

from modellab.core.errors import InputError
from modellab.core.io.trec import read_qrels, read_run


def qrels(path, text):
    path.write_text(text)
    return [(one.query, one.document, one.grade) for one in read_qrels(path)]


@each(
    ("name", "text"),
    [
        ("test.tsv", "query-id\tcorpus-id\tscore\n7\td 2\t2\n8\td3\t0\n"),
        ("test.tsv", "7\td 2\t2\n8\td3\t0\n"),
        ("test.tsv", "corpus-id\tscore\tquery-id\r\nd 2\t2.0\t7\r\nd3\t0\t8\r\n"),
        ("test.csv", "query_id,doc_id,relevance\n7,d 2,2\n8,d3,0\n"),
        ("test.jsonl", '{"query-id": 7, "corpus-id": "d 2", "score": 2}\n'
                       '{"query-id": 8, "corpus-id": "d3", "score": 0.0}\n'),
        ("qrels.json", json.dumps({"7": {"d 2": 2}, "8": {"d3": 0}})),
        ("test.csv", 'query_id;doc_id;relevance\n7;"d 2";2\n8;d3;0\n'),
    ],
)  # fmt: skip
def test_judgements_as_they_are_written(tmp_path, name, text):
    assert qrels(tmp_path / name, text) == [("7", "d 2", 2), ("8", "d3", 0)]


def test_lists_of_relevant_documents(tmp_path):
    text = json.dumps({"7": ["d2", "d3"], "8": []})
    assert qrels(tmp_path / "qrels.json", text) == [("7", "d2", 1), ("7", "d3", 1)]


def test_trec_s_own_judgements(tmp_path):
    text = "301 0 FBIS3-10082  1\n301 0 FBIS3-10169\t0\n302 0 FBIS4-1 -2\n"
    wanted = [("301", "FBIS3-10082", 1), ("301", "FBIS3-10169", 0), ("302", "FBIS4-1", -2)]
    # spaces and tabs are mixed in TREC's own files
    assert qrels(tmp_path / "qrels.txt", text.replace("\t", " ")) == wanted
    packed = tmp_path / "qrels.txt.gz"
    packed.write_bytes(gzip.compress(text.replace("\t", " ").encode()))
    assert [one.document for one in read_qrels(packed)][-1] == "FBIS4-1"


def test_judgements_in_parquet(tmp_path):
    import pandas as pd

    frame = pd.DataFrame({"query-id": ["7"], "corpus-id": ["d2"], "score": [2.0]})
    frame.to_parquet(tmp_path / "test-00000-of-00001.parquet")
    [one] = read_qrels(tmp_path / "test-00000-of-00001.parquet")
    assert (one.query, one.document, one.grade) == ("7", "d2", 2)
    assert one.source.endswith(": row 1")


@each(
    ("text", "said"),
    [
        ("q\td\t1\nq\td\t2\n", ("test.tsv:2", "grade 2", "1 in", "test.tsv:1")),
        ("q\td\t0.5\n", ("test.tsv:1", "'0.5'", "whole number")),
        ("q\td\tgood\n", ("test.tsv:1", "'good'", "not a number")),
        ("q\td\t1\nq\td2\n", ("test.tsv:2", "2 cells", "3")),
        ("q\t\t1\n", ("test.tsv:1", "document is empty")),
        ("a\tb\n", ("expected", "query-id")),
        ("", ("empty",)),
    ],
)
def test_wrong_judgements_are_one_line(tmp_path, text, said):
    with pytest.raises(InputError) as error:
        qrels(tmp_path / "test.tsv", text)
    assert "\n" not in str(error.value)
    for part in said:
        assert part in str(error.value)


def run(path, text):
    path.write_text(text)
    rankings, doubt = read_run(path)
    return {name: [one.document for one in found] for name, found in rankings.items()}, doubt


@each(
    ("name", "text"),
    [
        ("run.trec", "7 Q0 b 2 1.5 me\n7 Q0 a 1 2.5 me\n8 Q0 c 1 9 me\n"),
        ("run.txt", "7\tQ0\tb\t1\t1.5\tme\n7\tQ0\ta\t0\t2.5\tme\n8\tQ0\tc\t0\t9\tme\n"),
        ("run.tsv", "7\tb\t2\n7\ta\t1\n8\tc\t1\n"),
        ("run.tsv", "7\tb\t0.5\n7\ta\t12\n8\tc\t3\n"),
        ("run.csv", "qid,docid,score\n7,b,1\n7,a,2\n8,c,1\n"),
        ("run.json", json.dumps({"7": {"b": 1.5, "a": 2.5}, "8": {"c": 9}})),
        ("run.json", json.dumps({"7": ["a", "b"], "8": ["c"]})),
        ("run.csv", "qid;docno;score\n7;b;0,5\n7;a;2\n8;c;1\n"),
        ("run.csv", ",qid,docid,docno,rank,score\n0,7,5,a,0,2.5\n1,7,4,b,1,1.5\n2,8,5,c,0,9\n"),
    ],
)
def test_runs_as_they_are_written(tmp_path, name, text):
    assert run(tmp_path / name, text) == ({"7": ["a", "b"], "8": ["c"]}, "")


def test_scores_that_say_otherwise_than_ranks_are_a_doubt(tmp_path):
    found, doubt = run(tmp_path / "run.trec", "7 Q0 a 1 1.0 me\n7 Q0 b 2 2.0 me\n")
    assert found == {"7": ["a", "b"]}
    assert "run.trec:2" in doubt


def test_without_ranks_the_order_is_that_of_trec_eval(tmp_path):
    found = {"7": ["d", "b", "a", "c"]}, ""
    text = "7 Q0 a 0 2 me\n7 Q0 c 0 1 me\n7 Q0 d 0 1e1 me\n7 Q0 b 0 2 me\n"
    assert run(tmp_path / "run.trec", text) == found
    text = json.dumps({"7": {"a": 2, "c": 1, "d": 10, "b": 2}})
    assert run(tmp_path / "run.json", text) == found
    assert run(tmp_path / "run.json", "{}") == ({}, "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("7 Q0 a 1 2 me\n7 Q0 b 1 1 me\n", (":2", "duplicate rank 1")),
        ("7\ta\t1\n7\tb\t1\n", (":2", "duplicate rank 1", "'7'", ":1")),
        ("7 Q0 a 1 2.5 me\n7 Q0 a 2 1.5 me\n", (":2", "duplicate document 'a'", ":1")),
        ("7 Q0 a first 2.5 me\n", (":1", "rank 'first'")),
        ("7 Q0 a 1 nan me\n", (":1", "score 'nan'")),
        ("7 Q0 a 1\n", ("expected", "TREC")),
    ],
)
def test_wrong_runs_are_one_line(tmp_path, text, said):
    with pytest.raises(InputError) as error:
        run(tmp_path / "run.trec", text)
    for part in said:
        assert part in str(error.value)


def test_pytrec_eval_reads_the_same(tmp_path):
    """The tools' own reader of the same files gives the same judgements and order."""
    import ir_measures

    (tmp_path / "q.qrels").write_text("1 0 a 2\n1 0 b 0\n2 0 c 1\n")
    (tmp_path / "r.run").write_text("1 Q0 b 1 9.5 t\n1 Q0 a 2 9 t\n2 Q0 c 1 3 t\n")
    theirs = [(q.query_id, q.doc_id, q.relevance) for q in ir_measures.read_trec_qrels(
        str(tmp_path / "q.qrels"))]  # fmt: skip
    assert [(q.query, q.document, q.grade) for q in read_qrels(tmp_path / "q.qrels")] == theirs
    ours = {(q, one.document, one.score) for q, found in read_run(tmp_path / "r.run")[0].items()
            for one in found}  # fmt: skip
    run_rows = ir_measures.read_trec_run(str(tmp_path / "r.run"))
    assert ours == {(row.query_id, row.doc_id, row.score) for row in run_rows}
