"""Files of public data sets and tools, as their documentation shows them, read without settings."""

import json

import pytest
from cases import each
from questions.public_rows import read

from modellab.core.errors import InputError
from modellab.questions import parse_format


def answers(question):
    if question.unanswerable:
        return None
    return (question.reference["answer"], *question.other_answers)


QASPER = {"title": "T", "full_text": [], "qas": [
    {"question_id": "a", "question": "Q?", "answers": [
        {"answer": {"unanswerable": False, "extractive_spans": ["x", "y"], "yes_no": None, "free_form_answer": "", "evidence": ["E", "FLOAT SELECTED: Table 1"]}},
        {"answer": {"unanswerable": False, "extractive_spans": [], "yes_no": None, "free_form_answer": "z", "evidence": []}}]},
    {"question_id": "b", "question": "R?", "answers": [
        {"answer": {"unanswerable": True, "extractive_spans": [], "yes_no": None, "free_form_answer": "", "evidence": []}}]},
    {"question_id": "c", "question": "S?", "answers": [
        {"answer": {"unanswerable": False, "extractive_spans": [], "yes_no": False, "free_form_answer": "", "evidence": []}}]}]}  # fmt: skip
COQA = {"id": "s", "source": "w", "story": "It was in 1475.",
    "questions": [{"input_text": "When?", "turn_id": 1}, {"input_text": "Why?", "turn_id": 2}],
    "answers": [{"input_text": "in 1475", "span_text": "in 1475", "turn_id": 1}, {"input_text": "unknown", "span_text": "", "turn_id": 2}],
    "additional_answers": {"0": [{"input_text": "1475", "turn_id": 1}, {"input_text": "unknown", "turn_id": 2}]}}  # fmt: skip
DATE = {"day": "", "month": "", "year": ""}
DROP = {"nfl_1": {"passage": "P", "qa_pairs": [
    {"query_id": "a", "question": "Q?", "answer": {"number": "3", "date": DATE, "spans": []}, "validated_answers": [{"number": "3", "date": DATE, "spans": []}]},
    {"query_id": "b", "question": "R?", "answer": {"number": "", "date": DATE, "spans": ["Lions", "Bears"]}},
    {"query_id": "c", "question": "S?", "answer": {"number": "", "date": {"day": "3", "month": "March", "year": "1992"}, "spans": []}}]}}  # fmt: skip
NEWSQA = {"version": "1", "data": [{"storyId": "s", "type": "train", "text": "19 children", "questions": [
    {"q": "How many?", "consensus": {"s": 0, "e": 3}}, {"q": "Why?", "consensus": {"noAnswer": True}},
    {"q": "Bad?", "consensus": {"badQuestion": True}}]}]}  # fmt: skip
BEDROCK = {"conversationTurns": [{"prompt": {"content": [{"text": "Capital?"}]}, "referenceResponses": [{"content": [{"text": "Rome"}]}]}]}  # fmt: skip
LANGSMITH = 'id,inputs,outputs,metadata\na,"{""question"": ""Q?""}","{""answer"": ""A""}",{}\n'
SIMPLEQA = """metadata,problem,answer\n"{'topic': 'Art', 'urls': ['https://a.example/1']}",Q?,A\n"""
TURN = {"answers": [{"text": "in 1475"}, {"text": "CANNOTANSWER"}], "followup": "y"}
QUAC = {"title": "T", "paragraphs": [{"context": "C CANNOTANSWER", "qas": [
    {"id": "a", "question": "When?", **TURN}, {"id": "b", "question": "Why?", **TURN, "answers": [{"text": "CANNOTANSWER"}]}]}]}  # fmt: skip
QUAC_HUB = {"dialogue_id": "d", "context": "C", "turn_ids": ["a", "b"], "questions": ["When?", "Why?"],
    "answers": {"texts": [["in 1475", "1475"], ["CANNOTANSWER"]]}, "orig_answers": {"texts": ["in 1475", "CANNOTANSWER"]}}  # fmt: skip
BIOASQ = [{"id": str(n), "type": kind, "body": "Q?", "documents": [], "snippets": [], **given} for n, (kind, given) in enumerate([
    ("factoid", {"exact_answer": [["A", "a"]], "ideal_answer": ["It is A."]}), ("yesno", {"exact_answer": "yes"}),
    ("list", {"exact_answer": [["A", "a"], ["B"]]}), ("summary", {"ideal_answer": ["Because."]})])]  # fmt: skip
TAT_QA = [{"table": {"table": [["Year", "2019"]]}, "paragraphs": [{"order": 1, "text": "P"}], "questions": [
    {"uid": "a", "question": "Q?", "answer": 12.5, "scale": "percent", "answer_type": "arithmetic", "rel_paragraphs": []},
    {"uid": "b", "question": "R?", "answer": ["2019", "2018"], "scale": "", "answer_type": "multi-span", "rel_paragraphs": ["1"]}]}]  # fmt: skip
ASQA = {"-4": {"ambiguous_question": "Q?", "qa_pairs": [{"question": "R?", "short_answers": ["1990"]}], "wikipages": [{"title": "T", "url": "u"}],
    "annotations": [{"knowledge": [], "long_answer": "It began in 1990."}, {"knowledge": [], "long_answer": "In 1990."}]}}  # fmt: skip
AMBIGQA = [
    {"id": "1", "question": "Q?", "annotations": [{"type": "singleAnswer", "answer": ["A", "a"]}], "nq_answer": ["x"]},
    {"id": "2", "question": "R?", "annotations": [{"type": "multipleQAs", "qaPairs": [{"question": "in US?", "answer": ["B", "b"]}, {"question": "in UK?", "answer": ["C"]}]}]}]  # fmt: skip
AMBIGQA_HUB = [
    {
        "id": "2",
        "question": "R?",
        "annotations": {
            "type": ["multipleQAs"],
            "answer": [[]],
            "qaPairs": [{"question": ["in US?", "in UK?"], "answer": [["B", "b"], ["C"]]}],
        },
    }
]
QAMPARI = [{"qid": "q", "question_text": "Q?", "entities": [], "answer_list": [
    {"answer_text": "A", "aliases": ["A", "a"], "proof": [{"proof_text": "P", "found_in_url": "u"}]}, {"answer_text": "B", "aliases": ["B"], "proof": []}]}]  # fmt: skip
GRAILQA = [{"qid": 21, "question": "Q?", "level": "iid", "answer": [
    {"answer_type": "Entity", "answer_argument": "m.1", "entity_name": "A"}, {"answer_type": "Value", "answer_argument": "7"}]}]  # fmt: skip
HAGRID_ANSWER = {"answer_type": "short", "answer": "A [1]", "informative": "1", "attributable": "1"}
HAGRID = [
    {"query_id": 1, "query": "Q?", "quotes": [{"idx": 1, "docid": "4#1", "text": "x"}], "answers": [HAGRID_ANSWER, {**HAGRID_ANSWER, "answer": "B", "attributable": "0"}]},
    {"query_id": 2, "query": "R?", "quotes": [], "answers": [{**HAGRID_ANSWER, "informative": "0"}]}]  # fmt: skip
TURNS = {"Conversation_no": 1, "Turn_no": 2, "Question": "Q?", "Answer": "A", "Additional_answers": [{"Answer": "B", "Topic": "T"}],
    "Context": ["When?", "1475"], "Gold_passage": {"id": "w:1", "title": "T", "text": "In 1475."}}  # fmt: skip
#: by data set or tool: the file, and the right answers of each question (None: unanswerable)
ANSWERS = {
    "GSM8K": ([{"question": "Q?", "answer": "#### 1,000"}, {"question": "R?", "answer": "Ten. #### 10"}], [("1,000", "1000"), ("10",)]),
    "MATH": ([{"problem": "Q?", "solution": r"\boxed{1}, so $\boxed{\frac{1}{2}}$."}], [(r"\frac{1}{2}",)]),
    "MATH-500": ([{"problem": "Q?", "solution": r"\boxed{3}", "answer": "3"}], [("3",)]),
    "QASPER": ({"1911.1": QASPER}, [("x, y", "z"), None, ("No",)]),
    "NarrativeQA": ([{"document": {"id": "d"}, "question": {"text": "Q?", "tokens": ["Q"]}, "answers": [{"text": "A"}, {"text": "B"}]}], [("A", "B")]),
    "CoQA": ({"version": "1.0", "data": [COQA]}, [("in 1475", "1475"), None]),
    "QuAC": ({"data": [QUAC]}, [("in 1475",), None]),
    "QuAC on the hub": ([QUAC_HUB], [("in 1475", "1475"), None]),
    "BioASQ": ({"questions": BIOASQ}, [("A", "a"), ("yes",), ("A, B", "a, B"), ("Because.",)]),
    "ASQA": ([{"ambiguous_question": "Q?", "sample_id": "s", "qa_pairs": [{"question": "R?", "short_answers": ["A", "B"]}, {"question": "S?", "short_answers": ["C"]}]}], [("A", "B"), ("C",)]),
    "ASQA, published": ({"dev": ASQA}, [("It began in 1990.", "In 1990.")]),
    "AmbigQA": (AMBIGQA, [("A", "a"), ("B", "b", "C")]),
    "AmbigQA on the hub": (AMBIGQA_HUB, [("B", "b", "C")]),
    "QAMPARI": (QAMPARI, [("A, B", "a, B")]),
    "GrailQA": (GRAILQA, [("A", "7")]),
    "HAGRID": (HAGRID, [("A [1]",)]),
    "TopiOCQA": ([TURNS], [("A", "B")]),
    "MLflow 3, facts": ([{"inputs": {"question": "Q?"}, "expectations": {"expected_facts": ["One.", "Two."]}}], [("One.\nTwo.",)]),
    "Langfuse, an archived item": ([{"input": "Q?", "expectedOutput": "A", "status": "ACTIVE"}, {"input": "R?", "expectedOutput": "B", "status": "ARCHIVED"}], [("A",)]),
    "FlashRAG": ([{"id": "a", "question": "Q?", "golden_answers": ["A", "B"], "metadata": {"supporting_facts": {"title": ["T"], "sent_id": [0]}, "context": {"title": ["T"], "content": [["x"]]}}}], [("A", "B")]),
    "FlashRAG, MuSiQue": ([{"id": "a", "question": "Q?", "golden_answers": ["A"], "metadata": {"answerable": True, "paragraphs": [{"title": "T", "paragraph_text": "x", "is_supporting": True}]}}], [("A",)]),
    "Databricks": ([{"request_id": "a", "request": "Q?", "expected_response": "A", "expected_retrieved_context": [{"doc_uri": "d", "content": "C"}]}], [("A",)]),
    "MTRAG": ([{"task_id": word, "input": [{"speaker": "user", "text": "Q?"}], "targets": [{"speaker": "agent", "text": word}], "Answerability": [word]} for word in ("PARTIAL", "UNANSWERABLE")], [("PARTIAL",), None]),
    "Opik": ([{"id": "0", "source": "sdk", "data": {"user_question": "Q?", "expected_output": "A"}}], [("A",)]),
    "Google's contents": ([{"contents": [{"role": "user", "parts": [{"text": "Q?"}]}, {"role": "model", "parts": [{"text": "A"}]}]}], [("A",)]),
    "Vertex AI's requests": ([{"request": {"contents": [{"role": "user", "parts": [{"text": "Q?"}]}]}, "reference": "A"}], [("A",)]),
    "QnA Maker": ({"qnaDocuments": [{"id": 1, "answer": "A", "source": "s.tsv", "questions": ["Q?", "Q!"]}]}, [("A",), ("A",)]),
    "lists of questions and answers": ([{"id": "d", "questions": ["Q?", "R?"], "answers": ["A", "B"]}], [("A",), ("B",)]),
    "letters": ([{"q": "Q?", "a": "A"}], [("A",)]),
    "an intent": ([{"question": "Q?", "answer": "A", "intent": "ask"}], [("A",)]),
    "questions of documents": ([{"id": "d", "url": "u", "questions": [{"question": "Q?", "answer": "A"}, {"question": "R?", "answers": ["B", "C"]}]}], [("A",), ("B", "C")]),
    "DROP": (DROP, [("3",), ("Lions, Bears",), ("3 March 1992",)]),
    "TAT-QA": (TAT_QA, [("12.5 percent",), ("2019, 2018",)]),
    "HaluEval": ([{"knowledge": "K", "question": "Q?", "right_answer": "A", "hallucinated_answer": "B"}], [("A",)]),
    "NewsQA": (NEWSQA, [("19",), None]),
    "ELI5": ([{"q_id": "a", "title": "Why?", "selftext": "", "answers": {"a_id": ["1", "2"], "text": ["B", "A"], "score": [1, 5]}}], [("A", "B")]),
    "KILT": ([{"id": "a", "input": "Who?", "output": [{"answer": "A", "provenance": [{"title": "P"}]}, {"provenance": [{"title": "P"}]}]}], [("A",)]),
    "RGB": ([{"id": 0, "query": "Who?", "answer": [["A", "a"], ["B"]], "positive": [["x"], ["y"]], "negative": ["z"]}], [("A, B", "a, B")]),
    "MultiHop-RAG": ({"x": [{"query": "Who?", "answer": "A", "evidence_list": [{"title": "T", "fact": "F"}]}, {"query": "Why?", "answer": "Insufficient information.", "evidence_list": []}]}, [("A",), None]),
    "Bedrock": ([BEDROCK], [("Rome",)]),
    "SageMaker": ([{"model_input": "London is in", "target_output": "UK<OR>England"}], [("UK", "England")]),
    "OpenAI evals": ([{"input": [{"role": "user", "content": "Q?"}], "ideal": ["A", "B"]}], [("A", "B")]),
    "HealthBench": ([{"prompt": [{"role": "user", "content": "Q?"}], "ideal_completions_data": {"ideal_completion": "A"}, "rubrics": []}], [("A",)]),
    "GAIA": ([{"task_id": "c", "Question": "Q?", "Level": "2", "Final answer": "A", "file_name": ""}], [("A",)]),
    "Langfuse": ([{"id": "i", "input": {"question": "Q?"}, "expectedOutput": {"answer": "A"}, "metadata": None}], [("A",)]),
    "MLflow": ({"columns": ["inputs", "ground_truth", "outputs"], "data": [["Q?", "A", "x"]]}, [("A",)]),
    "Azure AI, results": ([{"inputs.query": "Q?", "inputs.ground_truth": "A", "inputs.response": "x", "outputs.f1.score": 0}], [("A",)]),
    "LangSmith, an experiment": ([{"inputs.question": "Q?", "reference.answer": "A", "outputs.answer": "x"}], [("A",)]),
    "DeepEval, results": ({"testCases": [{"input": "Q?", "actualOutput": "x", "expectedOutput": "A"}], "metricsScores": [{"metric": "m"}]}, [("A",)]),
    "Arena-Hard": ([{"question_id": "a", "turns": [{"content": "Q?"}], "reference": ["A"]}], [("A",)]),
    "Vertex AI": ([{"instruction": "Answer.", "prompt": "Q?", "reference": "A"}], [("A",)]),
    "Azure AI": ([{"conversation": {"messages": [{"role": "user", "content": "Q?"}, {"role": "assistant", "content": "A"}]}}], [("A",)]),
    "Haystack": ({"questions": ["Q?"], "ground_truth_answers": ["A"], "ground_truth_documents": [["x"]]}, [("A",)]),
    "RAGChecker": ([{"query_id": "0", "query": "Q?", "gt_answer": "A", "response": "R"}], [("A",)]),
    "RepLiQA": ([{"document_id": "d", "question": "Q?", "answer": "A", "long_answer": "L"}, {"document_id": "d", "question": "R?", "answer": "UNANSWERABLE", "long_answer": "NA"}], [("A",), None]),
    "LegalBench": ([{"text": "Q?", "answer": "Yes"}], [("Yes",)]),
    "objects": ([{"question": "Q?", "answers": [{"answer": "A", "score": 1}, {"answer": "B", "score": 2}]}], [("A", "B")]),
    "ComplexWebQuestions": ([{"ID": "a", "question": "Q?", "answers": [{"answer": "A", "answer_id": "m.1", "aliases": ["a", "aa"]}]}], [("A", "a", "aa")]),
    "MLflow 3": ([{"inputs": {"question": "Q?"}, "expectations": {"expected_response": "A"}, "source": {"human": {"user_name": "x"}}}], [("A",)]),
    "BoolQ": ([{"question": "Q?", "answer": False, "passage": "x"}], [("false", "no")]),
    "answerable": ([{"question": "Q?", "answer": "", "answerable": False}, {"question": "R?", "answer": "A", "answerable": True}], [None, ("A",)]),
    "a deep list": ({"dataset": {"items": [{"question": "Q?", "answer": "A"}]}, "meta": {"author": "x"}}, [("A",)]),
    "a list with a name of its own": ({"my questions": [{"question": "Q?", "answer": "A"}], "authors": [{"name": "x"}]}, [("A",)]),
}  # fmt: skip


@each(("content", "right"), ANSWERS.values())
def test_right_answers(tmp_path, content, right):
    kind, found = read(tmp_path, content, "q.json" if isinstance(content, dict) else "q.jsonl")
    assert (kind, [answers(question) for question in found]) == ("open_qa", right)


@each(("text", "right"), [
    (LANGSMITH, ("A",)),
    (SIMPLEQA, ("A",)),
    ('id,input,expected_output\n1,"{""user_question"": ""Q?""}","{""assistant_answer"": ""A""}"\n', ("A",)),
    ("<html><body><table><tr><th>Page</th></tr></table><table><tr><th>Question</th><th>Answer</th></tr><tr><td>Q?</td><td><b>A</b></td></tr></table></body></html>", ("A",)),
    ('id,input,expectedOutput,status\na,"""Q?""","""A""",ACTIVE\nb,"""R?""",,ARCHIVED\n', ("A",)),
    ("Query,Document,Answer,Context_Relevance_Label,Answer_Relevance_Label\nR?,D,B,1,0\nQ?,D,A,1,1\n", ("A",)),
    ("input_question,output_answer\nQ?,A\n", ("A",)),
    ("Frage;Antwort\nQ?;3,5 Liter\n", ("3,5 Liter",)),
    ("Nr;Frage;Musterlösung\n1;Q?;3,5 m\n", ("3,5 m",)),
    ("question,answers\nQ?,Paris|City of Light\n", ("Paris", "City of Light")),
    ("Question,Best Answer,Correct Answers\nQ?,A,A; B\n", ("A", "B")),
    ("Question,Answers\nQ?,Press the red button; then wait until the light is green\n", ("Press the red button; then wait until the light is green",)),
    ("question,answer,acceptable_answers\nQ?,A,B\n", ("A", "B")),
    ("question,answer\nQ?,\"['A' 'B']\"\n", ("A", "B")),
    ("question,answer\nQ?,TRUE\n", ("TRUE", "yes")),
    ("# Ours\n\n| Question | Answer |\n|---|:--|\n| Q? | A |\n", ("A",)),
    ("Respondent ID,Question,Answer\n,Open-Ended Response,Open-Ended Response\n118,Q?,A\n", ("A",)),
    ('Q1,question,answer\nText,Type it,Type it\n"{""ImportId"":""a""}","{""ImportId"":""b""}","{""ImportId"":""c""}"\n1,Q?,A\n', ("A",)),
])  # fmt: skip
def test_right_answers_of_csv_files(tmp_path, text, right):
    _, (found,) = read(tmp_path, text, "q.csv")
    assert (found.text, answers(found)) == ("Q?", right)


def test_several_urls_in_a_cell(tmp_path):
    text = 'question,answer,urls\nQ?,A,"https://a.example/1,2,https://b.example/"\n'
    _, (found,) = read(tmp_path, text, "q.csv")
    assert found.relevance.urls == ("https://a.example/1,2", "https://b.example/")


def test_an_answer_with_a_bar(tmp_path):
    path = tmp_path / "q.csv"
    path.write_text("question,answer\nQ?,Paris|City of Light\n")
    found = parse_format("table").read_file(path)
    assert answers(found.questions[0]) == ("Paris|City of Light",)
    assert f"{path}:2: answer with | is one answer; else set `separator`" in found.notes
    (split,) = parse_format({"kind": "table", "separator": "|"}).read(path)
    assert answers(split) == ("Paris", "City of Light")


def test_yaml_keeps_texts_as_written(tmp_path):
    text = "- id: 007\n  question: Is it?\n  answer: yes\n- id: 8\n  question: When?\n  answer: 2001-01-02\n"
    _, found = read(tmp_path, text, "q.yaml")
    assert [(q.id, q.reference["answer"]) for q in found] == [("007", "yes"), ("8", "2001-01-02")]


LABELS = {
    "FEVER": ([{"id": 1, "claim": "C", "label": "SUPPORTS", "evidence": [[[1, 2, "Page", 7]]]}, {"id": 2, "claim": "D", "label": "REFUTES", "evidence": [[[1, None, None, None]]]}], ["SUPPORTS", "REFUTES"]),
    "SciFact": ([{"id": 1, "claim": "C", "evidence": {}, "cited_doc_ids": [3]}, {"id": 2, "claim": "D", "evidence": {"4": [{"sentences": [1], "label": "SUPPORT"}]}, "cited_doc_ids": [4]}], ["NOT_ENOUGH_INFO", "SUPPORT"]),
    "Doccano": ([{"id": 1, "text": "C", "label": ["good"]}, {"id": 2, "text": "D", "label": ["bad"]}, {"id": 3, "text": "E", "label": ["good"]}], ["good", "bad", "good"]),
    "Rasa": ({"rasa_nlu_data": {"common_examples": [{"text": "C", "intent": "X", "entities": []}, {"text": "D", "intent": "Y", "entities": []}]}}, ["X", "Y"]),
    "Prodigy, without its options": ([{"text": "C", "accept": ["X"], "answer": "accept", "_input_hash": 1}, {"text": "D", "accept": ["Y"], "answer": "accept", "_input_hash": 2}], ["X", "Y"]),
    "Prodigy": ([{"text": "C", "label": "X", "answer": "accept", "_input_hash": 1}, {"text": "D", "label": "X", "answer": "reject", "_input_hash": 2}, {"text": "E", "label": "X", "answer": "ignore", "_input_hash": 3}], ["X", "not X"]),
    "Prodigy, choices": ([{"text": "C", "options": [{"id": "x", "text": "X"}], "accept": ["x"], "answer": "accept"}, {"text": "D", "options": [{"id": "y", "text": "Y"}], "accept": ["y"], "answer": "accept"}], ["x", "y"]),
}  # fmt: skip


@pytest.mark.parametrize(("rows", "labels"), LABELS.values(), ids=LABELS)
def test_labels(tmp_path, rows, labels):
    kind, found = read(tmp_path, rows, "q.json" if isinstance(rows, dict) else "q.jsonl")
    assert (kind, [question.reference["label"] for question in found]) == ("label", labels)


RELEVANT = {
    "BRIGHT": ([{"id": "0", "query": "Q?", "gold_ids": ["a/1.txt"], "excluded_ids": ["N/A"], "gold_answer": "N/A"}], ("a/1.txt",)),
    "LegalBench-RAG": ({"tests": [{"query": "Q?", "snippets": [{"file_path": "nda/A.txt", "span": [1, 9], "answer": "x"}], "tags": ["nda"]}]}, ("nda/A.txt",)),
    "TREC CAsT": ([{"number": 106, "turn": [{"number": 1, "raw_utterance": "Q?", "canonical_result_id": "M_1"}]}], ("M_1",)),
    "a mini set of BioASQ": ([{"question": "Q?", "relevant_passage_ids": "[9797, 11906]", "id": 0}], ("9797", "11906")),
    "LoTTE": ([{"qid": 0, "query": "Q?", "answer_pids": [101, 102]}], ("101", "102")),
    "MIRACL on the hub": ([{"query_id": "0", "query": "Q?", "positive_passages": [{"docid": "4#1", "text": "x"}], "negative_passages": []}], ("4#1",)),
}  # fmt: skip


@pytest.mark.parametrize(("rows", "ids"), RELEVANT.values(), ids=RELEVANT)
def test_relevant_documents(tmp_path, rows, ids):
    kind, (found,) = read(tmp_path, rows, "q.json")
    assert (kind, found.relevance.ids) == ("retrieval", ids)


def test_turns_of_trec_with_the_ones_before(tmp_path):
    turns = [{"number": n, "raw_utterance": asked} for n, asked in ((1, "When?"), (2, "Why?"))]
    (tmp_path / "q.json").write_text(json.dumps([{"number": 31, "title": "T", "turn": turns}]))
    one, two = parse_format("table").read(tmp_path / "q.json")
    assert (one.id, two.id, two.text, two.inputs) == (
        "31_1",
        "31_2",
        "Why?",
        {"history": "user: When?"},
    )


@each(("row", "contexts"), [
    (TURNS, ("In 1475.",)),
    (HAGRID[0], ("x",)),
    (QAMPARI[0], ("P",)),
    ({"query": "Q?", "expected_response": "A", "expected_chunks": [{"text": "C", "title": "T"}]}, ("C",)),
    ({"Query": "Q?", "Answer": "A", "Document": "word " * 30}, ("word " * 30,)),
    ({"question": "Q?", "reference_answer": "A", "reference_context": "Document 3: C\n\nDocument 4: D"}, ("C", "D")),
    ({"query": "Q?", "answer": "A", "oracle_context": "C"}, ("C",)),
    ({"query": "Q?", "answer": "A", "Golden Chunk": "C"}, ("C",)),
    ({"request": "Q?", "expected_response": "A", "expected_retrieved_context": [{"doc_uri": "d", "content": "C"}]}, ("C",)),
    ({"Query": "Q?", "Answer": "A", "Document": "a.pdf"}, ()),
    ({"Query": "Q?", "Answer": "A", "Document": {"id": "a", "text": "b"}}, ()),
])  # fmt: skip
def test_texts_that_hold_the_answer(tmp_path, row, contexts):
    _, (found,) = read(tmp_path, [row])
    assert found.relevance.contexts == contexts
    assert found.relevance.ids == {"a.pdf": ("a.pdf",)}.get(
        str(row.get("Document")), found.relevance.ids
    )


def test_a_picture_that_is_not_shown_is_a_warning(tmp_path, caplog):
    rows = [
        {"question": "Q?", "answer": "A", "image": one} for one in ("", "data:image/png;base64,x")
    ]
    read(tmp_path, rows)
    assert "1 of 2 questions have an `image` that models do not see" in caplog.text


def test_what_is_left_out_is_counted(tmp_path):
    for rows, note in (
        (HAGRID, "1 rows left out: without a right answer"),
        (ANSWERS["Langfuse, an archived item"][0], "1 archived rows left out"),
    ):
        (tmp_path / "q.json").write_text(json.dumps(rows))
        assert note in parse_format("table").read_file(tmp_path / "q.json").notes


def test_documents_that_a_ranking_leaves_out(tmp_path):
    _, (found,) = read(tmp_path, [{**RELEVANT["BRIGHT"][0][0], "excluded_ids": ["b.txt", "c.txt"]}])
    assert found.relevance.excluded == ("b.txt", "c.txt")


def test_topics_and_judgements_of_miracl(tmp_path):
    (tmp_path / "topics.miracl-v1.0-en-dev.tsv").write_text("0#0\tIs it?\n")
    (tmp_path / "qrels.miracl-v1.0-en-dev.tsv").write_text("0#0\tQ0\t46#4\t1\n0#0\tQ0\t46#5\t0\n")
    (found,) = parse_format("table").read_file(tmp_path).questions
    assert (found.id, found.text, found.relevance.ids) == ("0#0", "Is it?", ("46#4",))


def test_a_conversation_before_the_question(tmp_path):
    history = [{"role": "user", "content": "I ask."}, {"role": "assistant", "content": "Ok"}]
    row = {"question": "Why?", "reference_answer": "A", "reference_context": "C"}
    rows = [{**row, "conversation_history": []}, {**row, "conversation_history": history}]
    _, found = read(tmp_path, rows)
    assert [q.inputs.get("history") for q in found] == [None, "user: I ask.\nassistant: Ok"]
    for data in ({"data": [COQA]}, {"data": [QUAC]}, [QUAC_HUB]):
        _, (first, second) = read(tmp_path, data, "q.json" if isinstance(data, dict) else "q.jsonl")
        assert (first.inputs, second.inputs) == ({}, {"history": "user: When?\nassistant: in 1475"})
    # QReCC and TopiOCQA: the turns before
    turn = {"Question": "Why?", "Answer": "A", "Conversation_no": 1, "Turn_no": 1, "Context": []}
    rows = [turn, {**turn, "Turn_no": 2, "Context": ["When?", "in 1475"]}]
    _, (first, second) = read(tmp_path, rows)
    assert (first.inputs, second.inputs) == ({}, {"history": "user: When?\nassistant: in 1475"})
    assert not second.relevance.contexts


WRONG = {
    "several turns": ([{"question_id": 81, "turns": ["Write.", "Rewrite."]}], "1: 2 turns, each about the model's answer"),
    "a model's output": ([{"instruction": "Q?", "output": "A", "generator": "gpt"}], "nothing to compare answers with"),
    "a model's response": ([{"question": "Q?", "response": "A", "generation_model_name": "gpt"}], "nothing to compare answers with"),
    "a map": ([{"input": {"country": "Italy"}, "expected_output": "Rome"}], "columns: {question: input.country}"),
    "answers by language": ([{"query": "Q?", "answers": {"en": [{"text": "A"}]}}], "columns: {answer: answers.en}"),
    "labels": ([{"text": "C", "label": ["a", "b"]}, {"text": "D", "label": ["b"]}, {"text": "E", "label": ["a"]}], "1: label: 2 labels"),
    "an output and another answer": ([{"query": "Q?", "response": "R", "final answer, checked": "A"}], "may both be the answer"),
    "numbers of classes": ([{"text": "C", "label": 0}, {"text": "D", "label": 1}], "the labels are numbers of classes (0, 1)"),
    "spans": ([{"text": "C", "spans": [], "answer": "accept", "_input_hash": 1}], "1: neither `options` nor a `label`"),
}  # fmt: skip


@each(("rows", "message"), WRONG.values())
def test_what_cannot_be_read(tmp_path, rows, message):
    with pytest.raises(InputError) as error:
        read(tmp_path, rows)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("text", "message"), [
    ("question,answer\nQ?,#N/A\n", "q.csv:2: answer: the spreadsheet's error #N/A"),
    ("<!DOCTYPE html><html><body>Sign in</body></html>", "a web page, not a table"),
    ("Timestamp,What is your question?,The answer?\n1,Q?,A\n", 'columns: {question: "What is your question?", answer: "The answer?"}'),
])  # fmt: skip
def test_what_cannot_be_read_of_csv_files(tmp_path, text, message):
    with pytest.raises(InputError) as error:
        read(tmp_path, text, "q.csv")
    assert message in str(error.value)


def test_chats_of_langsmith(tmp_path):
    row = {
        "id": "u1",
        "inputs": {"messages": [{"role": "user", "content": "When?"}]},
        "outputs": {"messages": [{"role": "assistant", "content": "1998"}]},
        "metadata": {"dataset_split": ["base"]},
    }
    kind, [question] = read(tmp_path, [row])
    assert (kind, question.text, answers(question)) == ("open_qa", "When?", ("1998",))
    _, [question] = read(tmp_path, [{**row, "outputs": {"answer": "1998"}}])
    assert (question.text, answers(question)) == ("When?", ("1998",))
