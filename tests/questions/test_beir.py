import json

import pytest

from modellab.core.errors import InputError
from modellab.core.records import Chunk
from modellab.corpus.reading import read_documents
from modellab.questions import parse_format
from modellab.questions.relevance import Corpus, resolve_relevance
from modellab.questions.selection import chosen
from modellab.tasks import parse_task

CORPUS = [
    {"_id": "d1", "title": "Tide gauge", "text": "It records the sea level."},
    {"_id": "d2", "title": "Lighthouse", "text": "It was built in 1874."},
]
QUERIES = [
    {"_id": "7", "text": "When was it built?", "metadata": {}},
    {"_id": "8", "text": "What is recorded?", "metadata": {}},
    {"_id": "9", "text": "Not judged?", "metadata": {}},
]
QRELS = "query-id\tcorpus-id\tscore\n7\td2\t2\n7\td1\t0\n8\td1\t1\n"


def lines(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def folder(tmp_path):
    """As BEIR's own archives are."""
    lines(tmp_path / "corpus.jsonl", CORPUS)
    lines(tmp_path / "queries.jsonl", QUERIES)
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text(QRELS)
    return tmp_path


def said(questions):
    return [
        (q.id, q.text, {j.name: j.grade for j in q.relevance.judgements}, q.relevance.ids)
        for q in questions
    ]


RIGHT = [
    ("7", "When was it built?", {"d2": 2, "d1": 0}, ("d2",)),
    ("8", "What is recorded?", {"d1": 1}, ("d1",)),
]


TOPICS = """
<top>
<num> Number: 7
<title> When was
it built?
<desc> Description:
The year &amp; date.
<narr> Narrative:
Any.
</top>

<top>
<num> Number: 8 </num>
<title> What is recorded? </title>
</top>
"""
TOPICS_XML = """<?xml version="1.0"?>
<topics task="test">
  <topic number="7"><query>When was it built?</query><narrative>Any.</narrative></topic>
  <topic number="8"><query>What is recorded?</query></topic>
</topics>
"""


@pytest.mark.parametrize("text", [TOPICS, TOPICS_XML])
@pytest.mark.parametrize("name", ["topics.xml", "topics.301-450.txt"])
def test_topics_of_trec(tmp_path, text, name):
    (tmp_path / name).write_text(text)
    (tmp_path / "qrels.txt").write_text("7 0 d2 2\n7 0 d1 0\n8 0 d1 1\n")
    for path in (tmp_path, tmp_path / name):
        assert said(parse_format("table").read(path)) == RIGHT


@pytest.mark.parametrize("name", [".", "queries.jsonl"])
@pytest.mark.parametrize("kind", ["table", "jsonl", "beir", "mteb"])
def test_a_folder_of_beir_is_read_as_it_is(folder, name, kind):
    question_format = parse_format(kind)
    assert said(question_format.read(folder / name)) == RIGHT
    assert question_format.beside(folder / name) == [folder / "qrels" / "test.tsv"]


def test_a_repository_of_mteb_in_parquet(tmp_path):
    import pandas as pd

    for folder, rows in (
        ("corpus", CORPUS),
        ("queries", [{"id": int(row["_id"]), "text": row["text"]} for row in QUERIES]),
        ("data", [
            {"query-id": 7, "corpus-id": "d2", "score": 2.0},
            {"query-id": 7, "corpus-id": "d1", "score": 0.0},
            {"query-id": 8, "corpus-id": "d1", "score": 1.0},
        ]),
    ):  # fmt: skip
        (tmp_path / folder).mkdir()
        pd.DataFrame(rows).to_parquet(tmp_path / folder / "test-00000-of-00001.parquet")
    assert said(parse_format("table").read(tmp_path)) == RIGHT
    assert [one.id for one in read_documents(tmp_path).documents] == ["d1", "d2"]


def test_queries_without_a_header_and_judgements_of_trec(tmp_path):
    (tmp_path / "topics.tsv").write_text("7\tWhen was it built?\n8\tWhat is recorded?\n")
    (tmp_path / "my.qrels").write_text("7 0 d2 2\n7 0 d1 0\n8 0 d1 1\n")
    question_format = parse_format({"kind": "trec", "qrels": "my.qrels"})
    assert said(question_format.read(tmp_path / "topics.tsv")) == RIGHT


def test_of_several_splits_one_is_judged(folder):
    (folder / "qrels" / "dev.tsv").write_text("8\td2\t1\n")
    assert said(parse_format("beir").read(folder)) == RIGHT
    [question] = parse_format({"kind": "beir", "split": "dev"}).read(folder)
    assert (question.id, question.relevance.ids, question.tags) == ("8", ("d2",), ("dev",))
    (folder / "qrels" / "test.tsv").rename(folder / "qrels" / "train.tsv")
    with pytest.raises(InputError, match=r"judgements of dev, train.*split: dev"):
        parse_format("beir").read(folder)


def test_the_corpus_of_the_folder_is_read_without_its_queries(folder):
    assert [one.id for one in read_documents(folder).documents] == ["d1", "d2"]


def test_judgements_of_other_queries(folder, caplog):
    before = parse_format("beir").read(folder)
    (folder / "qrels" / "test.tsv").write_text(QRELS + "99\td1\t1\n")
    assert parse_format("beir").read(folder) == before
    assert "test.tsv:5: 1 of 3 judged queries are not in" in caplog.text
    (folder / "qrels" / "test.tsv").write_text("99\td1\t1\n")
    with pytest.raises(InputError, match=r"test.tsv:1: no query '99' .*, nor any other"):
        parse_format("beir").read(folder)


def test_no_judgements(folder):
    (folder / "qrels" / "test.tsv").unlink()
    with pytest.raises(InputError, match=r"no judgements; expected qrels/test.tsv"):
        parse_format("beir").read(folder)


CHUNKS = Corpus([Chunk("d1#a", "d1", 0, "One.", ""), Chunk("d2#a", "d2", 0, "Two.", "")])


def test_grades_are_those_of_the_documents(folder):
    first, second = (
        resolve_relevance(q, CHUNKS).question for q in parse_format("beir").read(folder)
    )
    assert (first.references, first.grades) == (("d2",), {"d2": 2, "d1": 0})
    assert (second.references, second.grades) == (("d1",), {"d1": 1})


def test_a_judgement_of_an_unknown_document_stops(folder):
    (folder / "qrels" / "test.tsv").write_text(QRELS + "8\td22\t1\n")
    question = parse_format("beir").read(folder)[1]
    with pytest.raises(InputError, match=r"test.tsv:5: the corpus has no document 'd22'.*'d2'"):
        resolve_relevance(question, CHUNKS)
    (folder / "qrels" / "test.tsv").write_text(QRELS + "8\td22\t0\n")
    question = parse_format("beir").read(folder)[1]
    assert resolve_relevance(question, CHUNKS).question.grades == {"d1": 1}


def test_without_answers_retrieval_is_what_is_compared(folder, caplog):
    questions = parse_format("beir").read(folder)
    assert len(chosen("queries", questions, parse_task("open_qa"), None, None)) == len(questions)
    assert "no answers to compare with" in caplog.text
    with pytest.raises(InputError, match="no answer_value"):
        chosen("queries", questions, parse_task("wattbot"), None, None)
    assert chosen("queries", questions, parse_task("retrieval"), None, None) == questions
