import pytest
from retrieval_samples import ask, chunks_of

from modellab.core.errors import InputError
from modellab.retrieval import parse_retriever
from modellab.retrieval.protocol import RetrievalInput

CHUNKS = chunks_of("one", "two", "three", documents=["a", "a", "b"])


def retrieve(path, text, *names, **options):
    path.write_text(text)
    made = parse_retriever({"kind": "run", "path": str(path), **options})
    found = made.retrieve(RetrievalInput("theirs", [ask(name) for name in names], CHUNKS))
    return [(one.shown, [passage.chunk_id for passage in one.passages]) for one in found]


def test_documents_bring_all_of_their_chunks(tmp_path):
    text = "q Q0 b 1 2.0 me\nq Q0 a 2 1.0 me\nother Q0 a 1 1 me\n"
    assert retrieve(tmp_path / "r", text, "q") == [(3, ["b#2", "a#0", "a#1"])]
    assert retrieve(tmp_path / "r", text, "q", top_k=1) == [(1, ["b#2"])]
    assert retrieve(tmp_path / "r", text, "q", top_k=1, extra_k=1) == [(1, ["b#2", "a#0", "a#1"])]


def test_chunks_are_ranked_one_by_one(tmp_path):
    assert retrieve(tmp_path / "r", "q\ta#1\t1\nq\tb#2\t2\n", "q") == [(2, ["a#1", "b#2"])]


def test_a_question_without_a_ranking_has_no_passages(tmp_path, caplog):
    assert retrieve(tmp_path / "r", "q Q0 b 1 2.0 me\n", "q", "p")[1] == (0, [])
    assert "1 of 2 questions" in caplog.text
    with pytest.raises(InputError, match=r"ranks none of the questions.*'q'.*'p'"):
        retrieve(tmp_path / "r", "q Q0 b 1 2.0 me\n", "p")


def test_an_unknown_document_is_one_line(tmp_path):
    text = "q Q0 b 1 2.0 me\nq Q0 zz 2 1.0 me\n"
    with pytest.raises(InputError, match=r"r:2: the corpus has no document or chunk 'zz'"):
        retrieve(tmp_path / "r", text, "q")
