import unicodedata

from cases import each
from hypothesis import given
from hypothesis import strategies as st

from modellab.core.text.folding import folded, split_at_line_ends


@each(
    ("one", "other"),
    [
        ("mea\u00adsure", "measure"),  # a soft hyphen
        ("zero\u200bwidth", "zerowidth"),
        ("co\u200dop\ufeff", "coop"),
        ("क्\u200dष", "क्ष"),  # a joiner that only changes the shape
        ("\u202bשלום\u202c", "שלום"),  # direction marks
        ("كتـــاب", "كتاب"),  # stretched for show
        ("مُحَمَّدٌ", "محمد"),  # with vowel signs
        ("שָׁלוֹם", "שלום"),
        ("می\u200cخواهم", "می خواهم"),  # as people type it without the sign
        ("measure-\nment", "measurement"),
        ("über-\r\n   nächsten", "übernächsten"),
        ("ＡＢＣ１２３．５", "abc123.5"),
        ("ｶﾞｲﾄﾞ", "ガイド"),
        ("ﬁne", "fine"),
        ("STRASSE", "straße"),
        ("Σοφός", "ΣΟΦΌΣ"),
        ("İstanbul", "istanbul"),
        ("İstanbul".lower(), "istanbul"),  # Python makes an i with two dots of it
        ("١٩٣١ १९३१ ๑๙๓๑ 1931", "1931 1931 1931 1931"),
        ("٣٫٥", "3.5"),
    ],
)
def test_equal_texts_fold_equally(one, other):
    assert folded(one) == folded(other)


@each(
    ("one", "other"),
    [("année", "annee"), ("sınır", "sinir"), ("GPT-\n4", "GPT4"), ("Smith-\nJones", "smithjones"),
     ("a -\nb", "ab"), ("3-\n4", "34")],
)  # fmt: skip
def test_different_texts_fold_differently(one, other):
    assert folded(one) != folded(other)


def test_turkish_has_two_letters_i():
    assert folded("IĞDIR İZMİR", "tr") == "ığdır izmir"
    assert folded("ISI", "tr") == folded("ısı", "tr") != folded("isi", "tr")
    assert folded("ISI") == "isi"


@given(st.text(max_size=40))
def test_unicode_forms_are_equal(text):
    forms = {folded(unicodedata.normalize(form, text)) for form in ("NFC", "NFD", "NFKC", "NFKD")}
    assert len(forms) == 1


def test_both_halves_of_a_parted_word():
    assert split_at_line_ends("a well-\nknown über-\r\n  nächste GPT-\n4") == [
        ("well", "known"),
        ("über", "nächste"),
    ]
