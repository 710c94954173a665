import hashlib
import re
from itertools import count

import pytest
from cases import each
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from modellab.core.text.words import length_in_words
from modellab.corpus.chunking import chunk
from modellab.corpus.documents import Document
from modellab.corpus.options import ChunkingOptions
from modellab.corpus.readers.reader import heading_places

TEXTS = st.lists(st.sampled_from(["a", "Bb", "c.", "d!", "\n\n", "\n# H\n", "\n| x y z |\n"]))
OPTIONS = st.builds(
    ChunkingOptions, max_words=st.integers(1, 7), overlap_sentences=st.integers(0, 3)
)


def document(text):
    return Document("doc", "Title", text, "doc.txt", year=2024)


def texts(text, **options):
    return [piece.text for piece in chunk(document(text), ChunkingOptions(**options))]


def test_sentences_fill_the_budget_and_overlap():
    text = "A one. B two. C three. D four."
    assert texts(text, max_words=4, overlap_sentences=1) == [
        "A one. B two.",
        "B two. C three.",
        "C three. D four.",
    ]
    assert texts(text, max_words=4, overlap_sentences=0) == ["A one. B two.", "C three. D four."]
    assert texts(text, max_words=100) == [text]


def test_overlap_gives_way_to_the_next_sentence():
    text = "A b c. D e. F g h i."
    assert texts(text, max_words=5, overlap_sentences=2) == ["A b c. D e.", "F g h i."]


def test_a_long_sentence_is_cut_at_words():
    assert texts("a b c d e", max_words=2, overlap_sentences=0) == ["a b", "c d", "e"]


def test_a_long_table_row_is_cut_between_its_cells():
    row = "| a b c | d e f |"
    assert row in texts(f"Intro.\n{row}\nOutro.", max_words=9, overlap_sentences=0)
    assert texts(f"Intro.\n{row}\nOutro.", max_words=5, overlap_sentences=0) == [
        "Intro.\n| a b c",
        "| d e f |",
        "Outro.",
    ]
    assert texts("| | x y |", max_words=2, overlap_sentences=0) == ["|", "| x", "y |"]


def test_a_chunk_is_verbatim_text():
    table = "| a | b |\n|---|---|\n| 1 | 2 |"
    assert texts(f"# H\n\n{table}\n") == [f"# H\n\n{table}"]


def test_chunks_carry_their_document():
    (piece,) = chunk(document("One."), ChunkingOptions())
    digest = hashlib.sha256(b"One.").hexdigest()[:8]
    assert (piece.id, piece.document_id, piece.position) == (f"doc#{digest}", "doc", 0)
    assert (piece.title, piece.year) == ("Title", 2024)


def test_equal_texts_get_different_ids():
    pieces = chunk(document("Same. Same. Same."), ChunkingOptions(max_words=1, overlap_sentences=0))
    first = pieces[0].id
    assert [piece.id for piece in pieces] == [first, f"{first}-2", f"{first}-3"]


def test_no_words_no_chunks():
    assert chunk(document(" \n"), ChunkingOptions()) == []


@pytest.mark.parametrize("options", [{"max_words": 0}, {"overlap_sentences": -1}, {"size": 3}])
def test_bad_options(options):
    with pytest.raises(ValidationError):
        ChunkingOptions(**options)


@given(TEXTS, OPTIONS)
def test_every_word_is_in_a_chunk_in_order(parts, options):
    # Letters are numbered, so that a word is known wherever it turns up.
    numbers = count()
    text = re.sub("[A-Za-z]", lambda found: f"{found.group()}{next(numbers)}", " ".join(parts))
    wanted = text.split()
    covered = 0
    for piece in chunk(document(text), options):
        found = piece.text.split()
        starts = [s for s in range(covered + 1) if wanted[s : s + len(found)] == found]
        covered = max(starts) + len(found)
        assert len(found) > 0
    assert covered == len(wanted)


@given(TEXTS, OPTIONS)
def test_no_chunk_is_over_the_budget(parts, options):
    for piece in chunk(document(" ".join(parts)), options):
        assert len(piece.text.split()) <= options.max_words


@given(TEXTS, OPTIONS)
def test_chunks_are_distinct_and_numbered(parts, options):
    pieces = chunk(document(" ".join(parts)), options)
    assert [piece.position for piece in pieces] == list(range(len(pieces)))
    assert len({piece.id for piece in pieces}) == len(pieces)


TEXT = "Before.\n# One\nFirst. Second.\n## Two\nThird."


def sectioned(**options):
    whole = Document("d", "D", TEXT, "d.md", places=heading_places(TEXT))
    return chunk(whole, ChunkingOptions(**options))


def test_a_chunk_names_the_headings_it_begins_under():
    found = sectioned(max_words=4, overlap_sentences=0)
    assert [(c.text, c.place) for c in found] == [
        ("Before.\n# One\nFirst.", ""),
        ("Second.\n## Two\nThird.", "One"),
    ]


def test_sections_are_not_joined():
    found = sectioned(by="sections", max_words=50)
    assert [(c.text, c.place) for c in found] == [
        ("Before.", ""),
        ("# One\nFirst. Second.", "One"),
        ("## Two\nThird.", "One > Two"),
    ]


def test_tokens_are_a_second_budget():
    options = ChunkingOptions(max_words=50, max_tokens=12, tokenizer="x", overlap_sentences=0)
    found = chunk(document("One two. Three four five. Six."), options, count_tokens=len)
    # of letters, here: a sentence that is longer is cut at words
    assert [c.text for c in found] == ["One two.", "Three four", "five. Six."]


def test_a_word_over_the_budget_of_tokens_is_cut():
    options = ChunkingOptions(max_tokens=3, tokenizer="x", overlap_sentences=0)
    found = chunk(document("a abcdefg b"), options, len)
    assert [c.text for c in found] == ["a", "abc", "def", "g b"]


def test_max_tokens_needs_a_tokenizer():
    with pytest.raises(ValidationError, match="go together"):
        ChunkingOptions(max_tokens=3)


@each(
    "unit",
    [
        "这座桥于1931年3月建成，全长312米",
        "สะพานยาว 312 เมตร",
        "橋の長さは",
        "acgt",
        "a,b;",
        "lorem ",
        "👩‍👩‍👧e\u0301",
    ],
)
@each("options", [{"max_words": 9}, {"max_characters": 30}, {"max_tokens": 12, "tokenizer": "x"}])
def test_limits_hold_without_full_stops_and_spaces(unit, options):
    text = unit * 100
    found = chunk(
        document(text), ChunkingOptions(**options), lambda piece: len(piece.encode()) // 3
    )
    assert "".join("".join(c.text for c in found).split()) == "".join(text.split())
    assert max(length_in_words(c.text) for c in found) <= options.get("max_words", 120)
    assert max(len(c.text) for c in found) <= options.get("max_characters", 9999)
    # a family is one character of 18 bytes
    assert max(len(c.text.encode()) // 3 for c in found) <= options.get("max_tokens", 9999)


def test_a_chunk_of_chinese_has_two_characters_a_word():
    found = texts("桥" * 500, max_words=120, overlap_sentences=0)
    assert [len(text) for text in found] == [240, 240, 20]


def test_a_long_word_is_cut_after_commas_first():
    assert texts("一二三，四五，六七八九，", max_words=4, overlap_sentences=0) == [
        "一二三，四五，",
        "六七八九，",
    ]


def test_a_character_is_never_torn():
    found = texts("e\u0301" * 10, max_characters=3, overlap_sentences=0)
    assert found == ["e\u0301"] * 10


def test_tokens_are_counted_for_the_whole_chunk():
    """A tokenizer may make a token of the line end between two sentences."""
    options = ChunkingOptions(max_tokens=6, tokenizer="x", overlap_sentences=1)
    found = chunk(
        document("A b.\nC d.\nE f.\nG h."), options, lambda t: len(re.findall(r"\w|\s", t))
    )
    assert [c.text for c in found] == ["A b.", "C d.", "E f.", "G h."]


def test_tokens_are_counted_in_time_that_grows_with_the_text():
    def counted(size):
        asked = []
        options = ChunkingOptions(max_tokens=50, tokenizer="x")
        chunk(document("桥梁，" * size), options, lambda t: asked.append(len(t)) or len(t))
        return sum(asked)

    assert counted(4000) < 4.4 * counted(1000)
