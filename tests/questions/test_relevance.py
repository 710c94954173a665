import unicodedata

import pytest
from cases import each
from hypothesis import given
from hypothesis import strategies as st
from retrieval_samples import chunks_of

from modellab.core.errors import InputError
from modellab.core.io.jsonl import read_rows, write_rows
from modellab.core.records import Chunk, Question, Relevance
from modellab.questions import parse_format
from modellab.questions.relevance import Corpus, Texts, plain_text, resolve_relevance
from modellab.questions.selection import select_questions
from modellab.retrieval.controls import OracleOptions
from modellab.retrieval.protocol import RetrievalInput
from modellab.tasks import parse_task

LONG = "The certificate of study is issued by the dean of each faculty on request and costs nothing at all"
CHUNKS = [
    Chunk("a#1", "a", 0, f"{LONG}. Rule 39.", "A", url="https://x/A/"),
    Chunk("a#2", "a", 1, "A dormitory is given while places last.", "A", url="https://x/A/"),
    Chunk("b#1", "b", 0, f"{LONG}. Rule 40.", "B", url="https://x/b"),
    Chunk("52", "52", 0, "Five roubles.", "C"),
]
CORPUS = Corpus(CHUNKS)


def ask(references=(), **relevance):
    said = Relevance(**{key: tuple(value) for key, value in relevance.items()})
    return Question(
        "q", "?", {}, {"answer": "x"}, tuple(references), relevance=said, source="f: row 3"
    )


@each(
    ("relevance", "documents", "chunks"),
    [
        ({"ids": ["b#1"]}, ("b",), ("b#1",)),
        ({"ids": ["a"]}, ("a",), ()),
        ({"ids": ["a; b"]}, ("a", "b"), ()),
        ({"urls": ["https://X/a"]}, ("a",), ()),
        ({"contexts": ["A dormitory is given"]}, ("a",), ("a#2",)),
        ({"contexts": [f"  {LONG.upper()}. Rule 40. And what came after it."]}, ("b",), ("b#1",)),
        ({"contexts": [f"{LONG}. Rule 39."]}, ("a",), ("a#1",)),
        ({"contexts": [LONG + " (cut in the mid"]}, ("a", "b"), ("a#1", "b#1")),
        ({"contexts": ["five roubles"]}, ("52",), ("52",)),
        ({"ids": ["a", "b#1"], "urls": ["https://x/A"]}, ("a", "b"), ("b#1",)),
    ],
)
def test_ids_addresses_and_texts_find_chunks_and_documents(relevance, documents, chunks):
    found = resolve_relevance(ask(**relevance), CORPUS)
    assert found.unknown == ()
    assert (found.question.references, found.question.relevant_chunks) == (documents, chunks)


@each(
    ("question", "unknown"),
    [
        (ask(["nowhere"]), ("document 'nowhere'",)),
        (ask(ids=["99"]), ("document '99'",)),
        (ask(urls=["https://y"]), ("address 'https://y'",)),
        (ask(contexts=["nothing of the kind"]), ("text 'nothing of the kind'",)),
        (ask(ids=["99"], urls=["https://y"], contexts=["A dormitory is given"]), ()),
    ],
)
def test_missing_references_are_reported(question, unknown):
    assert resolve_relevance(question, CORPUS).unknown == unknown


def test_a_chunk_of_another_chunking_is_an_error_with_the_row():
    with pytest.raises(
        InputError, match=r"^f: row 3: the corpus has no chunk 'a#9' \(chunks of 'a': a#1, a#2\)"
    ):
        resolve_relevance(ask(ids=["a#9"]), CORPUS)
    with pytest.raises(InputError, match=r"no chunk 'z#1' \(no document 'z'\)"):
        resolve_relevance(ask(ids=["z#1"]), CORPUS)


def test_the_oracle_gives_the_judged_chunks_only():
    judged = resolve_relevance(ask(contexts=["A dormitory is given"]), CORPUS).question
    whole = resolve_relevance(ask(ids=["a"]), CORPUS).question
    oracle = OracleOptions(kind="oracle")
    contexts = oracle.retrieve(RetrievalInput("oracle", [judged, whole], CHUNKS))
    assert [[p.chunk_id for p in context.passages] for context in contexts] == [
        ["a#2"],
        ["a#1", "a#2"],
    ]


def select(tmp_path, lines, task="open_qa", chunks=True):
    (tmp_path / "q.jsonl").write_text("\n".join(lines))
    write_rows(tmp_path / "chunks.jsonl", CHUNKS)
    out = tmp_path / "out.jsonl"
    path = tmp_path / "chunks.jsonl" if chunks else None
    select_questions(
        parse_format("jsonl"), parse_task(task), tmp_path / "q.jsonl", path, None, None, out
    )
    return read_rows(out, Question)


def test_unknown_relevance_is_one_line_with_the_nearest_ids(tmp_path, caplog):
    lines = [
        '{"id": "x", "question": "?", "answer": "a", "relevant_urls": ["https://y"]}',
        '{"id": "y", "question": "?", "answer": "a", "references": ["5 2"]}',
        '{"id": "z", "question": "?", "answer": "a", "references": ["a"]}',
    ]
    assert [question.references for question in select(tmp_path, lines)] == [(), (), ("a",)]
    [line] = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    path = tmp_path / "q.jsonl"
    assert line == (
        f"{path}: 2 of 3 questions refer to what the corpus does not have: x ({path}:1): "
        f"address 'https://y'; y ({path}:2): document '5 2' (nearest: '52')"
    )


def test_without_a_corpus_nothing_is_compared(tmp_path, caplog):
    lines = ['{"question": "?", "answer": "a", "relevant_urls": ["https://y"]}']
    assert len(select(tmp_path, lines, chunks=False)) == 1
    assert not [record for record in caplog.records if record.levelname == "WARNING"]


@pytest.mark.parametrize(
    ("line", "task", "message"),
    [
        (
            '{"question": "?", "answer": " "}',
            "open_qa",
            "q.jsonl:1: there is no answer to compare with",
        ),
        ('{"question": "?"}', "open_qa", "q.jsonl:1: there is no answer to compare with"),
        (
            '{"question": "?", "label": "x"}',
            {"kind": "label", "labels": ["a", "b"]},
            "q.jsonl:1: the label 'x' is not one of: a, b",
        ),
        ('{"question": "?"}', "wattbot", "q.jsonl:1: there is no answer_value"),
    ],
)
def test_a_question_that_the_task_cannot_use_is_an_error_with_the_row(
    tmp_path, line, task, message
):
    with pytest.raises(InputError, match=message.replace("?", r"\?")):
        select(tmp_path, [line], task)


OIL = [
    Chunk(
        f"{town}-{what}#1",
        f"{town}-{what}",
        0,
        f"The {what} of {town} needs 12 litres of oil a year.",
        "T",
    )
    for town in ("Ostrau", "Telz")
    for what in ("pump", "tank")
]
SENTENCE = OIL[1].text


@each(
    ("relevance", "chunks"),
    [
        # a part of a sentence that is in every chunk
        ({"contexts": ["12 litres"]}, ()),
        # with what says where it is from
        ({"contexts": ["12 litres"], "ids": ["Ostrau-tank"]}, ("Ostrau-tank#1",)),
        ({"contexts": ["12 litres", SENTENCE]}, ("Ostrau-tank#1",)),
        ({"contexts": [SENTENCE]}, ("Ostrau-tank#1",)),
        ({"contexts": ["12 litres", "The tank of Telz"]}, ("Telz-tank#1",)),
        # a sentence that occurs twice is twice the evidence
        (
            {"contexts": ["of Ostrau needs 12 litres of oil a year"]},
            ("Ostrau-pump#1", "Ostrau-tank#1"),
        ),
    ],
)
def test_a_text_counts_in_the_document_that_it_is_from(relevance, chunks):
    found = resolve_relevance(ask(**relevance), Corpus(OIL))
    assert found.question.relevant_chunks == chunks
    assert found.unknown == ()


def test_a_text_that_may_be_from_anywhere_is_counted(tmp_path, caplog):
    row = '{"id": "x", "question": "?", "answer": "a", "reference_contexts": ["12 litres"]}'
    (tmp_path / "q.jsonl").write_text(row)
    write_rows(tmp_path / "chunks.jsonl", OIL)
    select_questions(
        *(parse_format("jsonl"), parse_task("open_qa"), tmp_path / "q.jsonl"),
        *(tmp_path / "chunks.jsonl", None, None, tmp_path / "out.jsonl"),
    )
    [line] = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert "1 of 1 questions have reference texts of fewer than 8 words" in line
    assert line.endswith("q.jsonl:1): '12 litres' in 4 chunks of 4 documents")


def test_a_name_of_several_documents_is_reported(caplog):
    chunks = [
        Chunk(f"{name}#1", name, 0, "Text.", "T") for name in ("a/report.txt", "b/report.txt")
    ]
    found = resolve_relevance(ask(ids=["report"]), Corpus(chunks))
    assert found.ambiguous == {"report": ("a/report.txt", "b/report.txt")}
    assert found.question.references == ()


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


# texts of the corpus that a file of questions quotes, in scripts and forms of all kinds.

CHINESE = "洛恩桥位于诺德霍尔姆镇的北面。这座桥于1931年3月建成，全长312米。"
LIGHTHOUSE = "灯塔建于1874年，高41米。灯光可以照到二十公里以外。"
THAI = "ประภาคารสร้างเมื่อปี 1874 สูง 41 เมตร"
PDF = "The total measure-\nment of the bridge took a mea\u00adsured time in the Café Müller."


@each(
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
    found = resolve_relevance(question, corpus)
    assert (found.question.references, found.unknown) == ((f"d{row}",), ())


@pytest.mark.parametrize("context", ["高4", "1米", "measure the bridge"])
def test_a_part_of_a_number_or_of_words_is_not(context):
    corpus = Corpus(chunks_of(CHINESE, LIGHTHOUSE, PDF))
    question = Question("q", "?", {}, {}, (), relevance=Relevance(contexts=(context,)))
    assert resolve_relevance(question, corpus).unknown == (f"text {context!r}",)
