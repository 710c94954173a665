import pytest
from hypothesis import given
from hypothesis import strategies as st
from retrieval_samples import ask, chunks_of, context_of

from modellab.core.errors import InputError
from modellab.retrieval.controls import NoneOptions, OracleOptions, ShuffledOptions
from modellab.retrieval.protocol import RetrievalInput

CHUNKS = chunks_of(
    "intro of a",
    "cats of a drink milk",
    "b on dogs",
    "cats of a",
    documents=["a", "a", "b", "a"],
)


def passages(question, options=None):
    oracle = options or OracleOptions(kind="oracle")
    (context,) = oracle.retrieve(RetrievalInput("oracle", [question], CHUNKS))
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
    contexts = NoneOptions(kind="none").retrieve(RetrievalInput("closed", questions, CHUNKS))
    assert [(c.question_id, c.retriever, c.passages) for c in contexts] == [
        ("q1", "closed", ()),
        ("q2", "closed", ()),
    ]


SHUFFLED = ShuffledOptions(kind="shuffled", of="bm25")
CASES = st.lists(
    st.tuples(st.sets(st.sampled_from("abcd")), st.lists(st.sampled_from("abcd"), unique=True)),
    min_size=2,
    max_size=6,
)


def shuffle(questions, contexts, seed=0):
    inputs = RetrievalInput("shuffled", questions, [], seed, contexts={"bm25": contexts})
    return SHUFFLED.retrieve(inputs)


def helped(questions, contexts):
    """How many questions got a passage of one of their references."""
    return sum(
        any(passage.document_id in question.references for passage in context.passages)
        for question, context in zip(questions, contexts, strict=True)
    )


@given(st.integers(2, 12), st.integers(0, 5))
def test_every_context_goes_to_one_other_question(count, seed):
    names = [str(row) for row in range(count)]
    contexts = [context_of(name, f"d{name}", "x") for name in names]
    shuffled = shuffle([ask(name) for name in names], contexts, seed)
    assert [context.question_id for context in shuffled] == names
    donors = [context.passages[0].document_id.removeprefix("d") for context in shuffled]
    assert sorted(donors) == sorted(names)
    assert all(donor != name for donor, name in zip(donors, names, strict=True))
    assert all([p.rank for p in context.passages] == [1, 2] for context in shuffled)
    assert {context.retriever for context in shuffled} == {"shuffled"}


@given(CASES, st.integers(0, 3))
def test_as_few_questions_as_possible_are_helped(cases, seed):
    from itertools import permutations

    questions = [ask(str(row), references=sorted(refs)) for row, (refs, _) in enumerate(cases)]
    contexts = [context_of(str(row), *found) for row, (_, found) in enumerate(cases)]
    least = min(
        helped(questions, [contexts[donor] for donor in order])
        for order in permutations(range(len(cases)))
        if all(donor != row for row, donor in enumerate(order))
    )
    assert helped(questions, shuffle(questions, contexts, seed)) == least


def test_the_seed_decides():
    questions = [ask(str(row)) for row in range(20)]
    contexts = [context_of(str(row), f"d{row}") for row in range(20)]
    assert shuffle(questions, contexts, 1) == shuffle(questions, contexts, 1)
    assert shuffle(questions, contexts, 1) != shuffle(questions, contexts, 2)


def test_a_lone_question_has_no_passages():
    (context,) = shuffle([ask("q")], [context_of("q", "a")])
    assert context.passages == ()
    assert shuffle([], []) == []


def test_a_missing_context():
    with pytest.raises(InputError, match="contexts of retriever 'bm25' lack question 'q2'"):
        shuffle([ask("q1"), ask("q2")], [context_of("q1", "a")])
