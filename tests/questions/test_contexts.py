from hypothesis import given
from hypothesis import strategies as st

from modellab.core.records import Chunk
from modellab.questions.relevance import Texts, plain_text

WORDS = st.lists(st.sampled_from(["the", "pump", "of", "a", "Ostrau", "12", "litres"]), max_size=9)
TEXTS = st.lists(WORDS.map(" ".join), max_size=8)


def chunks(texts):
    return [Chunk(f"c{n}", f"d{n}", 0, text, "T") for n, text in enumerate(texts)]


def runs(text):
    found = text.split()
    return {tuple(found[start : start + 5]) for start in range(len(found) - 4)}


def looked_at_one_by_one(texts, context):
    """What `holding` says of itself, without any index."""
    wanted, plain = plain_text(context), [plain_text(text) for text in texts]
    if not wanted.strip():
        return []
    parts = [
        n for n, text in enumerate(plain) if text.strip() and (wanted in text or text in wanted)
    ]
    alike = [
        n
        for n, text in enumerate(plain)
        if (shared := len(runs(wanted) & runs(text)))
        and shared >= 0.5 * min(len(runs(wanted)), len(runs(text)))
    ]
    return [f"c{n}" for n in parts or alike]


@given(TEXTS, WORDS.map(" ".join))
def test_the_index_finds_what_a_look_at_each_chunk_finds(texts, context):
    assert Texts(chunks(texts)).holding(context) == looked_at_one_by_one(texts, context)


def test_by_hand():
    texts = Texts(chunks(["The pump of Ostrau.", "A pump.", "It lifts 12 litres."]))
    assert texts.holding("pump of") == ["c0"]
    assert texts.holding("Here is a PUMP: of Telz") == ["c1"]
    assert texts.holding("12 litre") == []
    assert texts.holding(" ") == []
