import pytest
from pydantic import ValidationError

from modellab.core.records import Chunk
from modellab.generation.synthesis.drafts import SecondChunks, choose_sources
from modellab.generation.synthesis.options import QuestionKind, SynthesisOptions

TEXTS = ["red apple tree", "red apple pie", "blue whale song", "short"]
CHUNKS = [Chunk(f"{n}#x", str(n), 0, text, "") for n, text in enumerate(TEXTS)]


def chosen(kinds, count, seed=1):
    return choose_sources(CHUNKS, kinds, count, 3, seed)


def test_the_seed_draws_and_more_only_adds():
    one = [source.id for source in chosen([QuestionKind.SINGLE_HOP_SPECIFIC], 2)]
    assert one == [source.id for source in chosen([QuestionKind.SINGLE_HOP_SPECIFIC], 2)]
    assert [source.id for source in chosen([QuestionKind.SINGLE_HOP_SPECIFIC], 3)][:2] == one
    orders = {
        tuple(s.id for s in chosen([QuestionKind.SINGLE_HOP_SPECIFIC], 3, seed))
        for seed in range(9)
    }
    assert len(orders) > 1


def test_the_second_chunk_is_the_nearest_of_another_document():
    found = chosen([QuestionKind.MULTI_HOP_SPECIFIC], None)
    assert sorted(sorted(c.id for c in source.chunks) for source in found) == [
        ["0#x", "1#x"],
        ["2#x"],
    ]


def test_two_chunks_share_the_most_distinctive_word_or_are_similar():
    """The first shares the rare name Moody with the third, and all its other words with the
    second."""
    texts = [
        "Moody wrote about lamps, towns and oil",
        "Somebody wrote about lamps, towns and oil",
        "Moody sang in Paris",
        *(f"lamps, towns and oil, number {n}, wrote about" for n in range(5)),
    ]
    chunks = [Chunk(f"{n}#x", str(n), 0, text, "") for n, text in enumerate(texts)]

    second = SecondChunks(chunks, needed=True)
    assert [c.id for c in second.of(0, QuestionKind.MULTI_HOP_SPECIFIC)] == ["2#x"]
    assert [c.id for c in second.of(0, QuestionKind.MULTI_HOP_ABSTRACT)] == ["1#x"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"model": "m", "checkers": ["m"]}, "cannot check its own"),
        ({"model": "m", "checkers": ["a", "a"]}, "duplicate model"),
        ({"model": "m", "checkers": []}, "at least 1"),
        (
            {"model": "m", "checkers": ["a"], "kinds": ["single_hop_specific"] * 2},
            "kinds: duplicate name",
        ),
    ],
)
def test_wrong_options(given, message):
    with pytest.raises(ValidationError, match=message):
        SynthesisOptions(corpus="c", **given)


def test_an_inline_model_is_a_model():
    inline = {"provider": "ollama", "model": "qwen3:4b"}
    options = SynthesisOptions(corpus="c", model=inline, checkers=["m"])
    assert list(options.resolved({"m": options.model})) == ["model", "m"]
    assert options.model.model == "qwen3:4b"


def test_chinese_chunks_are_long_enough():
    """Two characters are a word: there are no spaces to count."""
    chinese = [
        Chunk(name, name, 0, text, "")
        for name, text in (("a", "洛恩桥建于一九三一年"), ("b", "灯塔高"))
    ]
    found = choose_sources(chinese, [QuestionKind.SINGLE_HOP_SPECIFIC], None, 5, 1)
    assert [source.chunks[0].id for source in found] == ["a"]
