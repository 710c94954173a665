"""What counts in a short answer and what does not, and SQuAD's own rules."""

import string
from collections import Counter

import pytest
from cases import each
from hypothesis import given, settings
from hypothesis import strategies as st

from modellab.tasks.open_qa.canonical import plain, squad
from modellab.tasks.open_qa.overlap import exact_match, rouge, token_f1

DIFFERENT = [
    ("-5", "5"),
    ("between -5 and 5", "between 5 and 5"),
    ("-$5", "$5"),
    ("- 5", "5"),
    ("-∞", "∞"),
    ("10%", "10"),
    ("5‰", "5%"),
    ("$5", "€5"),
    ("±5", "5"),
    ("<5", ">5"),
    ("C++", "C"),
    ("C#", "C"),
    ("A*", "A"),
    ("A-", "A+"),
    ("x^2", "x2"),
    ("10²", "102"),
    ("1/2", "12"),
    ("1½", "11/2"),
    ("10-12", "10 12"),
    ("1,5", "15"),
    ("1.5", "15"),
    ("1,312", "1.312"),
    ("1.312", "1312"),
    ("1 312", "1312"),
    ("1.31.200", "131200"),
    ("5'10", "510"),
    ("10:30", "1030"),
    ("0,125", "0125"),
    ("Müller", "Muller"),
    ("re-sign", "resign"),
    ("+", "-"),
    ("+", ""),
    ("?", "!"),
    ("the US", "US"),
    ("A B", "B A"),
]
EQUAL = [
    ("U.S.", "US"),
    ("the U.S.", "The US"),
    ("e.g.", "eg"),
    ("Ph.D.", "phd"),
    ("“1931.”", "1931"),
    ("'Nordholm'", "nordholm"),
    ("**1931**", "1931"),
    ("`x_1`", "x_1"),
    ("At 10.5 kg!", "at 10.5  KG"),
    ("10 %", "10%"),
    ("5 °C", "5°C"),
    ("C + +", "c++"),
    ("1,312,000 metres", "1312000 metres"),
    ("in 1,312, or so", "in 1312 or so"),
    ("1'312'000.5", "1312000.5"),
    ("1’312", "1312"),
    ("1.312.000", "1312000"),
    ("1\u202f312\u00a0000 €", "1312000 €"),
    ("10²", "10^2"),
    ("1½", "1 1/2"),
    ("m²", "m2"),
    ("10–12", "10 - 12"),
    ("\u22125", "-5"),
    ("- 5", "-5"),
    ("a dash – here", "a dash here"),
    ("cafe\u0301", "café"),
    ("ﬁne", "fine"),
    ("５", "5"),
    ("soft\u00adware\u200b", "software"),
    ("well-known", "well known"),
    ("covid\u201119", "Covid-19"),
    ("don't", "don’t"),
    ("Ada (Countess, of Lovelace)", "Ada, Countess of Lovelace"),
    ("Straße", "STRASSE"),
    ("東京。", "「東京」"),
    ("- item", "item"),
    ("+", " + "),
]


@each(("reference", "answer"), DIFFERENT)
def test_what_counts(reference, answer):
    assert exact_match(reference, answer) == exact_match(answer, reference) == 0.0


@each(("reference", "answer"), EQUAL)
def test_what_does_not_count(reference, answer):
    assert exact_match(reference, answer) == exact_match(answer, reference) == 1.0
    assert token_f1(reference, answer) == 1.0
    assert set(rouge(reference, answer).values()) == {1.0}


def test_a_sign_is_a_token():
    # "-", "5" and "5" share one of three
    assert token_f1("-5", "5") == pytest.approx(2 / 3)
    # "c", "+", "+" and "c" share one of four
    assert token_f1("C++", "C") == pytest.approx(1 / 2)
    assert token_f1("+", "-") == 0.0


TEXT = st.text(st.sampled_from("aB 5.,-+%\"'*^()²½é\u0301\u00a0 日。"), max_size=14)


@settings(max_examples=150, deadline=None)
@given(TEXT)
def test_spaces_outside_case_and_quotes_never_count(text):
    assert plain(text) == plain(f"  {text} ")
    # a quote inside a text that has no word is that text
    if any(c.isalnum() for c in text):
        assert plain(text) == plain(text.upper().lower())
        assert plain(text) == plain(f"“{text}”")


# SQuAD's definition, from its description and not from the project's code: answers are lower-cased,
# characters of ASCII punctuation dropped, whole words a, an and the dropped; exact match compares
# what is left, F1 its words as bags; both are the greatest over all right answers.
def _squad_words(text):
    kept = "".join(character for character in text.lower() if character not in string.punctuation)
    found = []
    for word in kept.split():
        # a boundary of words is also where a letter meets a sign that is not ASCII
        pieces = "".join(c if c.isalnum() or c == "_" else f" {c} " for c in word).split(" ")
        joined = "".join(" " if piece in ("a", "an", "the") else piece for piece in pieces)
        found += joined.split()
    return found


def _squad_marks(references, answer):
    said = _squad_words(answer)
    exact, f1 = 0.0, 0.0
    for reference in map(_squad_words, references):
        exact = max(exact, float(reference == said))
        shared = sum((Counter(reference) & Counter(said)).values())
        if not shared:
            f1 = max(f1, float(reference == said))
            continue
        precision, recall = shared / len(said), shared / len(reference)
        f1 = max(f1, 2 * precision * recall / (precision + recall))
    return exact, f1


PIECES = st.sampled_from(
    [
        *("the", "The ", "a", " an ", "A", "March", "1931", "1,312", " ", "  ", ".", "U.S.", "C++"),
        *("-5", "10%", "don't", "don’t", "well-known", "the-", "a.", "é", "日本", "\u00a0", "– "),
    ]
)
SQUAD_TEXT = st.lists(PIECES, min_size=1, max_size=7).map("".join)


@settings(max_examples=200, deadline=None)
@given(st.lists(SQUAD_TEXT, min_size=1, max_size=4), SQUAD_TEXT)
def test_squad_is_what_it_is_described_as(references, answer):
    exact, f1 = _squad_marks(references, answer)
    assert max(exact_match(reference, answer, squad) for reference in references) == exact
    assert max(token_f1(reference, answer, squad) for reference in references) == pytest.approx(f1)


@each(
    ("reference", "answer", "exact", "f1"),
    [
        ("the U.S.", "US", 1.0, 1.0),
        ("1,312 metres", "1312 metres", 1.0, 1.0),
        ("in March 1931", "March 1931", 0.0, 4 / 5),
        ("well-known", "well known", 0.0, 0.0),
        ("-5", "5", 1.0, 1.0),
        ("The", "...", 1.0, 1.0),
        ("Ada", "", 0.0, 0.0),
    ],
)
def test_squad_by_hand(reference, answer, exact, f1):
    assert exact_match(reference, answer, squad) == exact
    assert token_f1(reference, answer, squad) == pytest.approx(f1)
