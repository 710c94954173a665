import hashlib
import re
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from modellab.corpus.chunking import chunk
from modellab.corpus.headings import heading_places
from modellab.corpus.options import ChunkingOptions
from modellab.records import Document

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


def test_a_long_table_row_is_not_torn():
    row = "| a b c | d e f |"
    assert texts(f"Intro.\n{row}\nOutro.", max_words=3, overlap_sentences=1) == [
        "Intro.",
        row,
        "Outro.",
    ]


def test_a_chunk_keeps_the_text_as_it_stands():
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
def test_no_chunk_is_over_the_budget_but_for_a_table_row(parts, options):
    for piece in chunk(document(" ".join(parts)), options):
        row = piece.text.startswith("|") and "\n" not in piece.text
        assert len(piece.text.split()) <= options.max_words or row


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


def test_a_word_over_the_budget_of_tokens_stands_alone():
    options = ChunkingOptions(max_tokens=3, tokenizer="x", overlap_sentences=0)
    assert [c.text for c in chunk(document("a abcdef b"), options, len)] == ["a", "abcdef", "b"]


def test_max_tokens_needs_a_tokenizer():
    with pytest.raises(ValidationError, match="go together"):
        ChunkingOptions(max_tokens=3)
