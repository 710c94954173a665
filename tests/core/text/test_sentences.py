from cases import each
from hypothesis import given
from hypothesis import strategies as st

from modellab.core.text.sentences import sentence_spans

PROSE = st.text(st.sampled_from("aB1б .!?\n|#-。"), max_size=80)


def sentences(text):
    return [text[span.start : span.end] for span in sentence_spans(text)]


@each(
    "text",
    [
        "It rose to 3.5 percent in one year.",
        "Small models, e.g. BERT, i.e. encoders, do well.",
        "In the U.S. Congress it was praised.",
        "Smith et al. Found it first.",
        "See Fig. 2 and Eq. 3 in Sec. 4 on p. 5.",
        "A paper by J. R. R. Tolkien and Dr. Who.",
        "He has a Ph.D. From where?",
        '"Why?" he asked.',
        "Well... maybe so.",
        "1. First of all",
        "Это т.е. то же самое, см. рис. 2 на стр. 5.",
        "А. С. Пушкин родился в г. Москве.",
        "wrapped\nover two lines.",
    ],
)
def test_one_sentence_stays_whole(text):
    assert sentences(text) == [text]


@each(
    ("text", "expected"),
    [
        ("One. Two.", ["One.", "Two."]),
        ("Really?! Yes.", ["Really?!", "Yes."]),
        ("It cost 3.5. Then it fell.", ["It cost 3.5.", "Then it fell."]),
        ("It took 3.5 h. Then it fell.", ["It took 3.5 h.", "Then it fell."]),
        ("The answer is no. Then stop.", ["The answer is no.", "Then stop."]),
        ("Ask No. 5 there. Go.", ["Ask No. 5 there.", "Go."]),
        ("See example.com. Then go.", ["See example.com.", "Then go."]),
        ('He said "stop." Then he left.', ['He said "stop."', "Then he left."]),
        ("It ended… Then it began.", ["It ended…", "Then it began."]),
        ("Это Москва. Она большая. Да!", ["Это Москва.", "Она большая.", "Да!"]),
        ("这是。那是！", ["这是。", "那是！"]),
        ("他说：“好。”然后走了！？是的．完", ["他说：“好。”", "然后走了！？", "是的．", "完"]),
        ("高３．５米。第2.5节。好吗?好.走", ["高３．５米。", "第2.5节。", "好吗?", "好.", "走"]),
        ("他……走了。", ["他……走了。"]),
        ("これは橋です｡高さは？", ["これは橋です｡", "高さは？"]),
        ("यह पुल है। वह नहीं॥", ["यह पुल है।", "वह नहीं॥"]),
        ("كم طوله؟ طويل۔", ["كم طوله؟", "طويل۔"]),
        ("no full stop\n\nnext paragraph", ["no full stop", "next paragraph"]),
        ("# A head\nText.", ["# A head", "Text."]),
        ("Text\n## A head. Still\nMore", ["Text", "## A head. Still", "More"]),
        ("- one\n- two. Three", ["- one", "- two.", "Three"]),
        ("", []),
        (" \n\n\t", []),
    ],
)
def test_cuts(text, expected):
    assert sentences(text) == expected


def test_table_rows_are_whole():
    text = "Intro:\n| a. B | c |\n|---|---|\n| 1 | 2 |\nOutro."
    spans = sentence_spans(text)
    assert [text[s.start : s.end] for s in spans] == [
        "Intro:",
        "| a. B | c |",
        "|---|---|",
        "| 1 | 2 |",
        "Outro.",
    ]
    assert [span.whole for span in spans] == [False, True, True, True, False]


@given(PROSE)
def test_sentences_hold_every_word_in_order(text):
    spans = sentence_spans(text)
    ends = [0, *(span.end for span in spans)]
    gaps = [text[end : span.start] for end, span in zip(ends, spans, strict=False)]
    assert not "".join([*gaps, text[ends[-1] :]]).strip()
    assert all(text[s.start : s.end].strip() == text[s.start : s.end] != "" for s in spans)
