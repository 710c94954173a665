from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from modellab.core.records import Question
from modellab.evaluation.adaptive.rounds import rounds_of


def questions(*strata: tuple[int, bool, str]) -> list[Question]:
    return [
        Question(f"{tag}{number}", "?", {}, {}, (), tags=(tag,), unanswerable=unanswerable)
        for count, unanswerable, tag in strata
        for number in range(count)
    ]


@given(
    st.lists(st.tuples(st.integers(1, 40), st.booleans(), st.sampled_from("abcd")), min_size=1),
    st.integers(1, 12),
    st.integers(0, 5),
)
def test_each_question_once_in_rounds_of_one_size(strata, rounds, seed):
    asked = questions(*{tag: (count, no, tag) for count, no, tag in strata}.values())
    found = rounds_of(asked, rounds, seed)
    assert Counter(name for part in found for name in part) == Counter(q.id for q in asked)
    sizes = {len(part) for part in found}
    assert max(sizes) - min(sizes) <= 1
    assert len(found) == min(rounds, len(asked))


def test_each_round_is_like_the_whole():
    found = rounds_of(questions((80, False, "quote"), (16, True, "none")), 8, seed=1)
    assert [sum(name.startswith("none") for name in part) for part in found] == [2] * 8


def test_the_order_follows_the_seed():
    asked = questions((30, False, "a"))
    assert rounds_of(asked, 3, 1) == rounds_of(asked, 3, 1) != rounds_of(asked, 3, 2)
    assert rounds_of(asked, 1, 1)[0] != [question.id for question in asked]
