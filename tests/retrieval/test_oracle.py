from retrieval_samples import ask, chunks_of

from modellab.retrieval.none import NoneOptions
from modellab.retrieval.oracle import OracleOptions
from modellab.retrieval.protocol import Members

CHUNKS = chunks_of(
    "intro of a",
    "cats of a drink milk",
    "b on dogs",
    "cats of a",
    documents=["a", "a", "b", "a"],
)


def passages(question, options=None):
    oracle = options or OracleOptions(kind="oracle")
    (context,) = oracle.retrieve("oracle", [question], CHUNKS, Members(), seed=0)
    assert [passage.rank for passage in context.passages] == list(
        range(1, len(context.passages) + 1)
    )
    return [passage.text for passage in context.passages]


def test_all_chunks_of_the_references_in_order():
    assert passages(ask("q", references=["b", "a"])) == [chunk.text for chunk in CHUNKS]
    assert passages(ask("q", references=["b", "b"])) == ["b on dogs"]


def test_an_unanswerable_question_has_no_passages():
    assert passages(ask("q")) == []
    assert passages(ask("q", references=["unknown"])) == []


def test_the_nearest_chunks_are_kept_in_order():
    two = OracleOptions(kind="oracle", top_k=2)
    question = ask("q", "Which CATS?", ["a"], supporting_materials="They drink milk.")
    assert passages(question, two) == ["cats of a drink milk", "cats of a"]
    assert passages(ask("q", "intro", ["a"]), two) == ["intro of a", "cats of a drink milk"]
    assert passages(ask("q", references=["b"]), two) == ["b on dogs"]


def test_none_gives_nothing():
    questions = [ask("q1", references=["a"]), ask("q2")]
    contexts = NoneOptions(kind="none").retrieve("closed", questions, CHUNKS, Members(), seed=0)
    assert [(c.question_id, c.retriever, c.passages) for c in contexts] == [
        ("q1", "closed", ()),
        ("q2", "closed", ()),
    ]
