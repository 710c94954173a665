from collections import Counter
from dataclasses import replace

import pytest
from cases import each
from retrieval_samples import chunks_of

from modellab.core.io.jsonl import read_json, write_rows
from modellab.core.records import Question
from modellab.core.text.words import terms
from modellab.questions.data_card import (
    _tf_idf,
    answer_kind,
    data_card,
    near_duplicates,
    write_data_card,
)


def ask(name, text, answer=None, references=(), tags=()):
    truth = {} if answer is None else {"answer_value": answer}
    return Question(
        *(name, text, {}, truth, tuple(references)),
        tags=tuple(tags),
        unanswerable=answer == "is_blank",
    )


QUESTIONS = [
    ask("q1", "How much water does a large data centre use?", "1,200", ["d0"], ["Quote"]),
    ask("q2", "How much water does a large data centre use?", "[1,2]", ["d1", "gone"]),
    ask("q3", "Who?", "Ada Lovelace", ["d0"], ["Quote", "x|y"]),
    ask("q4", "What is the air like on Mars?", "is_blank"),
]


def test_a_card():
    card = data_card(QUESTIONS, chunks_of("a", "b", "c"))
    assert card.questions == 4
    assert (card.words.least, card.words.most) == (1, 9)
    assert card.words.median == 8.0  # of 1, 7, 9, 9
    assert (card.answer_words.least, card.answer_words.most) == (1, 2)
    assert card.answer_kinds == {"blank": 1, "list": 1, "number": 1, "text": 1}
    assert card.tags == {"Quote": 2, "x|y": 1}
    assert (card.unanswerable, card.without_relevance) == (1, 1)
    assert card.unknown_references == {"q2": ("gone",)}
    assert [(pair.first, pair.second, pair.similarity) for pair in card.near_duplicates] == [
        ("q1", "q2", 1.0)
    ]
    assert (card.documents, card.chunks, card.documents_referred_to) == (3, 3, 2)


def test_questions_with_several_right_answers_are_counted(tmp_path):
    asked = [replace(QUESTIONS[2], other_answers=("A. Lovelace", "Ada")), *QUESTIONS[:2]]
    assert data_card(asked, None).several_answers == 1


def test_words_for_no_answer_are_no_answer():
    silent = Question(
        "q5",
        "What is the air like on Mars?",
        {},
        {"answer": "The documents do not say."},
        (),
        unanswerable=True,
    )
    said = Question("q6", "Who?", {}, {"answer": "Ada Lovelace"}, ())
    card = data_card([silent, said], None)
    assert card.answer_kinds == {"blank": 1, "text": 1}
    assert (card.answer_words.least, card.answer_words.most) == (2, 2)


def test_questions_without_a_corpus():
    card = data_card(QUESTIONS[:1], None)
    assert (card.documents, card.unknown_references) == (None, {})
    assert card.words.lower == card.words.upper == 9


@each(
    ("answer", "kind"),
    [
        (None, "none"), ("", "blank"), ("n/a", "blank"), ("5", "number"), ("-1.5e3", "number"),
        ("1,287", "number"), ("[80,90]", "list"), ('{"a": 1}', "object"), ("5 MWh", "text"),
    ],
)  # fmt: skip
def test_kinds_of_answers(answer, kind):
    assert answer_kind(answer) == kind


def test_near_duplicates_are_found_across_blocks(monkeypatch):
    monkeypatch.setattr("modellab.questions.data_card._BLOCK", 2)
    texts = ["one two three four", "alpha beta", "gamma delta", "four three two one", "alpha beta"]
    found = list(near_duplicates([ask(str(row), text) for row, text in enumerate(texts)]))
    assert [(pair.first, pair.second) for pair in found] == [("0", "3"), ("1", "4")]
    assert list(near_duplicates([ask("a", "?"), ask("b", "?")])) == []


def test_near_duplicates_have_the_cosines_of_scikit_learn():
    vectorizer = pytest.importorskip("sklearn.feature_extraction.text").TfidfVectorizer
    texts = ["a red red cat", "the red cat sat", "?", "a dog"]
    theirs = vectorizer(analyzer=terms, sublinear_tf=True).fit_transform(texts)
    ours = _tf_idf([Counter(terms(text)) for text in texts])
    assert (ours @ ours.T).toarray() == pytest.approx((theirs @ theirs.T).toarray())


def test_the_card_as_a_page(tmp_path):
    folder = tmp_path
    write_rows(folder / "questions.jsonl", QUESTIONS)
    write_rows(folder / "chunks.jsonl", chunks_of("a", "b"))
    truths = 'q1,ambiguous,"1,234","1,234 is read as 1234"\n'
    (folder / "t.csv").write_text("question_id,remark,truth,note\n" + truths)
    (folder / "how.txt").write_text("question from 'q'\n")
    names = ("questions.jsonl", "how.txt", "t.csv", "chunks.jsonl", "c.json", "c.md")
    write_data_card("quiz", *(folder / name for name in names), task_name="open_qa (inferred)")
    page = (folder / "c.md").read_text()
    assert page.startswith("# quiz\n")
    assert "| task | open\\_qa (inferred) |" in page
    assert "| read as | question from 'q' |" in page
    assert "| unanswerable | 1 (25%) |" in page
    assert "| x\\|y | 1 (25%) |" in page
    assert "- q2: gone" in page
    assert "| true answers that are ambiguous | 1 |" in page
    assert "- q1: 1,234: ambiguous, 1,234 is read as 1234" in page
    assert read_json(folder / "c.json")["questions"] == 4


def test_languages_are_reported(tmp_path):
    chinese = [ask("z1", "洛恩桥是哪一年建成的？", "1931年3月"), ask("z2", "灯塔有多高？", "41米")]
    card = data_card(chinese, chunks_of("洛恩桥建于1931年。", "灯塔高41米。"))
    assert (card.language.main, card.language.configured, card.language.texts) == (
        "zh",
        False,
        {"zh": 2},
    )
    assert card.corpus_language.main == "zh"
    assert (card.words.least, card.words.most) == (4, 6)  # of five and ten characters, and a sign
    mixed = [
        *chinese,
        ask("e1", "In which year was the long bridge over the river opened?", "1931"),
    ]
    write_rows(tmp_path / "questions.jsonl", mixed)
    write_rows(tmp_path / "chunks.jsonl", chunks_of("The bridge."))
    (tmp_path / "t.csv").write_text("question_id,remark,truth,note\n")
    (tmp_path / "how.txt").write_text("")
    names = ("questions.jsonl", "how.txt", "t.csv", "chunks.jsonl", "c.json", "c.md")
    paths = [tmp_path / name for name in names]
    write_data_card("bridge", *paths, corpus_language="en")
    text = paths[-1].read_text()
    assert "| language | not clear (found: zh 2, en 1) |" in text
    assert "| texts are compared by | characters (zh); a word is two characters long |" in text
    assert "| language of the documents | en (as the config says; found: " in text
