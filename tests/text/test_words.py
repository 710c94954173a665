import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellab.text.words import words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The CAT's hat", ["the", "cat", "s", "hat"]),
        ("3.5 km, 1,000 and 7.", ["3.5", "km", "1,000", "and", "7"]),
        ("GPT-4 v1.2", ["gpt", "4", "v1", "2"]),
        ("Ёлка, ЙОД", ["ёлка", "йод"]),
        ("и\u0306од", ["йод"]),
        ("ﬁne m²", ["fine", "m2"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("Straße", ["strasse"]),
        ("?! …", []),
    ],
)
def test_words(text, expected):
    assert words(text) == expected


@given(st.text(st.characters(max_codepoint=127), max_size=40))
def test_plain_text_is_read_as_any_other(text):
    """Text of ASCII only takes a shorter way."""
    assert words(text + " я") == [*words(text), "я"]
