"""Texts of the corpus that a file of questions quotes, in scripts and forms of all kinds."""

import unicodedata

import pytest
from retrieval_samples import chunks_of

from modellab.core.records import Question, Relevance
from modellab.questions.relevance import Corpus, placed

CHINESE = "洛恩桥位于诺德霍尔姆镇的北面。这座桥于1931年3月建成，全长312米。"
LIGHTHOUSE = "灯塔建于1874年，高41米。灯光可以照到二十公里以外。"
THAI = "ประภาคารสร้างเมื่อปี 1874 สูง 41 เมตร"
PDF = "The total measure-\nment of the bridge took a mea\u00adsured time in the Café Müller."


@pytest.mark.parametrize(
    ("context", "row"),
    [
        ("这座桥于1931年3月建成", 0),
        ("高41米", 1),
        ("高４１米", 1),
        ("建于1874年，\n高41米", 1),
        ("ประภาคารสร้าง", 2),
        ("total measurement of the bridge", 3),
        ("took a measured time", 3),
        (unicodedata.normalize("NFD", "Café Müller"), 3),
        ("Ca\u200bfé", 3),
    ],
)
def test_a_quotation_is_found(context, row):
    corpus = Corpus(chunks_of(CHINESE, LIGHTHOUSE, THAI, PDF))
    question = Question("q", "?", {}, {}, (), relevance=Relevance(contexts=(context,)))
    found = placed(question, corpus)
    assert (found.question.references, found.unknown) == ((f"d{row}",), ())


@pytest.mark.parametrize("context", ["高4", "1米", "measure the bridge"])
def test_a_part_of_a_number_or_of_words_is_not(context):
    corpus = Corpus(chunks_of(CHINESE, LIGHTHOUSE, PDF))
    question = Question("q", "?", {}, {}, (), relevance=Relevance(contexts=(context,)))
    assert placed(question, corpus).unknown == (f"text {context!r}",)
