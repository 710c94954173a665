"""Formats by name: rows as their own tools and papers publish them. Each is recognised, too."""

import json

import pytest
from cases import each

from modellab.core.errors import InputError
from modellab.core.records import Relevance
from modellab.corpus.readers import table
from modellab.questions import parse_format
from modellab.questions.published import FORMATS

HOTPOT = {
    "_id": "5a8",
    "question": "Who?",
    "answer": "Ada",
    "type": "bridge",
    "level": "hard",
    "supporting_facts": [["Engine", 1], ["Ada", 0], ["Ada", 9]],
    "context": [["Engine", ["It turns. ", "Ada wrote it. "]], ["Ada", ["Ada lived. "]]],
}
HOTPOT_HUB = {
    **{key: HOTPOT[key] for key in ("question", "answer", "type", "level")},
    "id": "5a8",
    "supporting_facts": {"title": ["Engine", "Ada"], "sent_id": [1, 0]},
    "context": {
        "title": ["Engine", "Ada"],
        "sentences": [["It turns. ", "Ada wrote it. "], ["Ada lived. "]],
    },
}
MARCO = {
    "query_id": 7,
    "query": "who",
    "query_type": "PERSON",
    "answers": ["Ada"],
    "wellFormedAnswers": "[]",
    "passages": [
        {"is_selected": 0, "passage_text": "No.", "url": "http://a.example/1"},
        {"is_selected": 1, "passage_text": "Ada wrote it.", "url": "http://a.example/2"},
    ],
}
TRIVIA = {
    "QuestionId": "tc_2",
    "Question": "Who?",
    "QuestionSource": "http://a.example",
    "Answer": {"Value": "Ada", "Aliases": ["Ada Lovelace", "Ada"], "NormalizedValue": "ada"},
    "EntityPages": [{"DocSource": "TagMe", "Filename": "Ada.txt", "Title": "Ada Lovelace"}],
}
FINANCE = {
    "financebench_id": "financebench_id_03029",
    "company": "3M",
    "doc_name": "3M_2018_10K",
    "question_type": "metrics-generated",
    "question_reasoning": None,
    "question": "How much?",
    "answer": "$1577.00",
    "justification": "...",
    "evidence": [{"evidence_text": "1,577", "doc_name": "3M_2018_10K", "evidence_page_num": 59}],
}
GOLDEN = {
    "input": "Who?",
    "actual_output": None,
    "expected_output": "Ada",
    "retrieval_context": None,
    "context": ["Ada wrote it.", "Really."],
    "source_file": "ada.md",
}
NQ = {
    "example_id": -35,
    "question_text": "who",
    "document_text": "<P> Ada Lovelace wrote it </P>",
    "document_url": "http://a.example",
    "annotations": [
        {"yes_no_answer": "NONE", "short_answers": [{"start_token": 1, "end_token": 3}]},
        {"yes_no_answer": "YES", "short_answers": []},
    ],
}
DPR = {
    "dataset": "nq_train_psgs_w100",
    "question": "who",
    "answers": ["Ada", "Lovelace"],
    "positive_ctxs": [{"title": "Ada", "text": "Ada wrote it.", "score": 9, "passage_id": "77"}],
    "negative_ctxs": [],
    "hard_negative_ctxs": [{"title": "Bob", "text": "Bob did not.", "passage_id": "78"}],
}
STUDIO = {
    "id": 4,
    "data": {"question": "Who?", "topic": "history"},
    "annotations": [
        {"was_cancelled": True, "result": []},
        {"result": [{"type": "textarea", "from_name": "a", "to_name": "q", "value": {"text": ["Ada"]}}]},
    ],
}  # fmt: skip
CHAT = {
    "messages": [
        {"role": "system", "content": "Be short."},
        {"role": "user", "content": "An engine?"},
        {"role": "assistant", "content": "Yes."},
        {"role": "user", "content": "Who?"},
        {"role": "assistant", "content": "Ada"},
    ]
}
SHARE = {"conversations": [{"from": "human", "value": "Who?"}, {"from": "gpt", "value": "Ada"}]}
MULTI = {
    "user_input": [{"content": "An engine?", "type": "human"}, {"content": "Yes.", "type": "ai"},
                   {"content": "Who?", "type": "human"}],
    "reference": "Ada",
    "response": "Bob",
}  # fmt: skip
FOO = {"vars": {"question": "Who?", "tone": "dry"}, "assert": [{"type": "llm-rubric", "value": "x"},
       {"type": "contains-any", "value": ["Ada", "Lovelace"]}], "metadata": {"area": "history"}}  # fmt: skip
CASES = [
    ("hotpotqa", HOTPOT, "5a8", (), ("bridge", "hard"),
     Relevance(("Engine", "Ada"), (), ("Ada wrote it.", "Ada lived."))),
    ("hotpotqa", HOTPOT_HUB, "5a8", (), ("bridge", "hard"),
     Relevance(("Engine", "Ada"), (), ("Ada wrote it.", "Ada lived."))),
    ("ms_marco", MARCO, "7", (), ("PERSON",), Relevance((), ("http://a.example/2",), ("Ada wrote it.",))),
    ("trivia_qa", {"Data": [TRIVIA], "Version": 1.0}, "tc_2", ("Ada Lovelace",), (), Relevance(("Ada Lovelace",))),
    ("finance_bench", FINANCE, "financebench_id_03029", (), ("metrics-generated", "3M"),
     Relevance(("3M_2018_10K",), (), ("1,577",))),
    ("deepeval", [GOLDEN], "1", (), (), Relevance(("ada.md",), (), ("Ada wrote it.", "Really."))),
    ("natural_questions", NQ, "-35", ("yes",), (), Relevance((), ("http://a.example",), ())),
    ("dpr", [DPR], "1", ("Lovelace",), ("nq_train_psgs_w100",), Relevance(("77",), (), ("Ada wrote it.",))),
    ("label_studio", [STUDIO], "4", (), ("history",), Relevance()),
    ("messages", CHAT, "1", (), (), Relevance()),
    ("messages", SHARE, "1", (), (), Relevance()),
    ("ragas", MULTI, "1", (), (), Relevance()),
    ("promptfoo", FOO, "1", ("Lovelace",), ("history",), Relevance()),
]  # fmt: skip
ANSWERS = {"finance_bench": "$1577.00", "natural_questions": "Ada Lovelace"}


@each(("kind", "data", "name", "others", "tags", "relevance"), CASES)
@each("asked", ["by name", "as a table"])
def test_a_published_row(tmp_path, asked, kind, data, name, others, tags, relevance):
    path = tmp_path / "q.json"
    path.write_text(json.dumps(data))
    read = parse_format(kind if asked == "by name" else "table").read_file(path)
    (found,) = read.questions
    assert (found.id, found.reference["answer"]) == (name, ANSWERS.get(kind, "Ada"))
    assert (found.other_answers, found.tags, found.relevance) == (others, tags, relevance)
    assert asked == "by name" or f"read as `format: {kind}`" in read.notes


def test_what_was_said_before_is_shown(tmp_path):
    (tmp_path / "q.jsonl").write_text(json.dumps(CHAT))
    (found,) = parse_format("messages").read(tmp_path / "q.jsonl")
    assert found.text == "Who?"
    assert found.inputs == {"history": "system: Be short.\nuser: An engine?\nassistant: Yes."}
    (tmp_path / "q.jsonl").write_text(json.dumps({"input": CHAT["messages"][:4], "ideal": "Ada"}))
    (found,) = parse_format("table").read(tmp_path / "q.jsonl")
    assert (found.text, found.reference) == ("Who?", {"answer": "Ada"})
    assert found.inputs["history"].endswith("assistant: Yes.")


def test_no_answer_present(tmp_path):
    row = {**MARCO, "answers": ["No Answer Present."]}
    (tmp_path / "q.json").write_text(json.dumps({key: {"0": value} for key, value in row.items()}))
    (found,) = parse_format("ms_marco").read(tmp_path / "q.json")
    assert (found.reference, found.unanswerable) == ({}, True)


def test_labels_of_label_studio(tmp_path):
    def task(*choices):
        return [{"id": 1, "data": {"text": "Bad."}, "annotations": [
            {"result": [{"type": "choices", "from_name": "s", "value": {"choices": [c]}}]} for c in choices]}]  # fmt: skip

    path = tmp_path / "q.json"
    path.write_text(json.dumps(task("neg", "neg")))
    (found,) = parse_format("label_studio").read(path)
    assert (found.text, found.reference) == ("Bad.", {"label": "neg"})
    path.write_text(json.dumps(task("neg", "pos")))
    with pytest.raises(InputError, match=r"row 1: annotators disagree \(neg and pos\)"):
        parse_format("label_studio").read(path)


def test_promptfoo_in_yaml_and_csv(tmp_path):
    (tmp_path / "promptfooconfig.yaml").write_text(
        "prompts: ['{{question}}']\nproviders: [openai:gpt-4o]\ntests:\n"
        "  - vars: {question: 'Who?'}\n    assert:\n      - {type: equals, value: Ada}\n"
    )
    (tmp_path / "q.csv").write_text(
        'question,__expected,__expected2\nWho?,contains: Ada,"contains-any: Lovelace, Byron"\n'
    )
    (one,) = parse_format("table").read(tmp_path / "promptfooconfig.yaml")
    (two,) = parse_format("table").read(tmp_path / "q.csv")
    assert (one.text, one.reference) == (two.text, two.reference) == ("Who?", {"answer": "Ada"})
    assert two.other_answers == ("Lovelace", "Byron")


@each(
    ("cell", "answer"),
    [
        *((cell, "Ada") for cell in ("equals:Ada", "icontains: Ada", "similar(0.8):Ada", "Ada")),
        ("levenshtein(2): Ada", "Ada"),
        ("Note: Ada", "Note: Ada"),
        ("file: x", None),
        *(
            (cell, None)
            for cell in ("llm-rubric:polite", "grade: polite", "fn:output < 5", "regex:A")
        ),
        ("not-contains: Ada", None),
    ],
)
def test_assertions_of_promptfoo(tmp_path, cell, answer):
    path = tmp_path / "q.csv"
    path.write_text(f"question,__expected\nWho?,{cell}\n")
    if answer is None:
        with pytest.raises(InputError, match=r"q\.csv:2: no assertion has a right answer in it"):
            parse_format("table").read(path)
    else:
        assert parse_format("table").read(path)[0].reference == {"answer": answer}


def test_ragas_rows_without_a_reference_are_left_out(tmp_path, caplog):
    rows = [{"user_input": "Who?", "reference": "Ada"}, {"user_input": "Why?", "reference": None}]
    (tmp_path / "q.json").write_text(json.dumps(rows))
    (found,) = parse_format("ragas").read(tmp_path / "q.json")
    assert found.text == "Who?"
    assert "1 of 2 rows without a reference left out" in caplog.text


def test_groups_of_usual_names_are_tags(tmp_path):
    (tmp_path / "q.csv").write_text("question,answer,difficulty,source\nWho?,Ada,easy,ada.md\n")
    (found,) = parse_format("table").read(tmp_path / "q.csv")
    assert (found.tags, found.relevance.ids) == (("easy",), ("ada.md",))


def test_inputs_and_reference_in_the_words_of_today(tmp_path):
    for words in (("given", "truth"), ("inputs", "reference")):
        row = {"question": "Who?", words[0]: {"unit": "x"}, words[1]: {"answer_value": "5"}}
        (tmp_path / "q.jsonl").write_text(json.dumps(row))
        (found,) = parse_format("jsonl").read(tmp_path / "q.jsonl")
        assert (found.inputs, found.reference) == ({"unit": "x"}, {"answer_value": "5"})


@each("row", [{"title": "x", "body": "y"}, {"question": [], "answers": "a", "qas": 1, "passages": 2}])  # fmt: skip
@each("kind", [*FORMATS, "multiple_choice", "promptfoo", "label_studio", "squad"])  # fmt: skip
def test_a_row_of_another_format(tmp_path, kind, row):
    (tmp_path / "q.jsonl").write_text(json.dumps(row))
    with pytest.raises(InputError, match=r"q\.jsonl:") as error:
        parse_format(kind).read(tmp_path / "q.jsonl")
    assert "\n" not in str(error.value)


NLI = {"premise": "Ada wrote it.", "hypothesis": "It was written.", "label": 0}
NLI_ROWS = [
    (NLI, "entailment"),
    ({**NLI, "label": "neutral"}, "neutral"),
    ({"sentence1": "Ada wrote it.", "sentence2": "It was written.", "gold_label": "contradiction"}, "contradiction"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "label"), NLI_ROWS)
def test_inference_of_a_hypothesis_is_a_label(tmp_path, row, label):
    (tmp_path / "q.jsonl").write_text(json.dumps(row))
    read = parse_format("table").read_file(tmp_path / "q.jsonl")
    (found,) = read.questions
    assert found.text == "Premise: Ada wrote it.\nHypothesis: It was written."
    assert (found.reference, read.task) == ({"label": label}, "label")


def test_other_pairs_of_sentences_with_a_label(tmp_path):
    row = {"sentence1": "Ada wrote it.", "sentence2": "It was written.", "label": "1"}
    (tmp_path / "q.jsonl").write_text(json.dumps(row))
    (found,) = parse_format("table").read(tmp_path / "q.jsonl")
    assert found.text == "Sentence 1: Ada wrote it.\nSentence 2: It was written."
    assert found.reference == {"label": "1"}


def test_pairs_without_a_consensus_are_left_out(tmp_path):
    rows = [NLI, {**NLI, "label": -1}, {**NLI, "label": 2}]
    (tmp_path / "q.json").write_text(json.dumps(rows))
    found = parse_format("nli").read(tmp_path / "q.json")
    assert [question.reference["label"] for question in found] == ["entailment", "contradiction"]


@pytest.mark.parametrize(
    "targets",
    [{"Bob": 0, "Ada": 1, "Eve": 0}, {"choices": ["Bob", "Ada", "Eve"], "labels": [0, 1, 0]}],
)
def test_truthful_qa_with_one_right_choice(tmp_path, targets):
    row = {"question": "Who?", "mc1_targets": targets, "mc2_targets": targets}
    (tmp_path / "q.json").write_text(json.dumps([row]))
    read = parse_format("table").read_file(tmp_path / "q.json")
    (found,) = read.questions
    assert found.text == "Who?\nA. Bob\nB. Ada\nC. Eve"
    assert (found.reference, read.labels) == ({"label": "B", "answer": "Ada"}, ("A", "B", "C"))


def test_retrieval_sets_of_llama_index(tmp_path):
    path = tmp_path / "train.json"
    data = {
        "queries": {"a1": "Who?", "b2": "When?"},
        "corpus": {"n1": "Ada wrote it.", "n2": "In 1843."},
        "relevant_docs": {"a1": ["n1"], "b2": ["n2", "n1"]},
        "mode": "text",
    }
    path.write_text(json.dumps(data))
    read = parse_format("table").read_file(path)
    assert [(q.id, q.text, q.relevance.ids) for q in read.questions] == [
        ("a1", "Who?", ("n1",)),
        ("b2", "When?", ("n2", "n1")),
    ]
    assert read.task == "retrieval"
    documents = table.read(path).documents
    assert [(one.id, one.text) for one in documents] == list(data["corpus"].items())


@pytest.mark.parametrize("name", ["nq-test.qa.tsv", "nq-test.qa.csv"])
def test_lines_of_dpr(tmp_path, name):
    lines = ["who wrote it?\t['Ada', 'Ada Lovelace']", 'when, if ever?\t["1843"]']
    (tmp_path / name).write_text("\n".join(lines) + "\n")
    one, two = parse_format("table").read(tmp_path / name)
    assert (one.text, one.reference, one.other_answers) == (
        "who wrote it?", {"answer": "Ada"}, ("Ada Lovelace",),
    )  # fmt: skip
    assert (two.text, two.reference, two.source) == (
        "when, if ever?", {"answer": "1843"}, f"{tmp_path / name}:2",
    )  # fmt: skip


def test_a_list_of_texts_is_a_table_of_documents_only(tmp_path):
    path = tmp_path / "texts.json"
    path.write_text(json.dumps(["Ada wrote it.", "In 1843."]))
    assert [(d.id, d.text) for d in table.read(path).documents] == [
        ("1", "Ada wrote it."),
        ("2", "In 1843."),
    ]
    with pytest.raises(InputError, match=r"no column for the question .*\(found: value\)"):
        parse_format("table").read(path)
