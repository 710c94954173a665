"""Every format of questions with every task: it works up to the scores, or the config refuses it."""

import json
import sqlite3
from pathlib import Path

import pytest
import yaml
from cases import each

from modellab.config.entries import resolved_scorer
from modellab.config.loading import load_config
from modellab.core.errors import InputError
from modellab.core.io.csv_file import read_csv
from modellab.core.io.jsonl import read_rows, write_json, write_rows
from modellab.core.records import Chunk, Prediction, Question, Status
from modellab.evaluation.score import ScoreJob, score_model
from modellab.questions import QUESTION_FORMATS
from modellab.questions.selection import select_questions
from modellab.tasks import TASKS
from modellab.tasks.protocol import Parsed

RECORD = {"menu": [{"nm": "TEA"}]}
PUBLISHED = (
    *("hotpotqa", "ms_marco", "natural_questions", "trivia_qa", "finance_bench", "deepeval"),
    *("promptfoo", "label_studio", "messages", "musique", "multiple_choice", "tat_qa"),
    *("gsm8k", "alpaca", "dpr", "qasper", "narrative_qa", "coqa", "drop", "newsqa", "eli5", "kilt"),
    *("rgb", "multihop_rag", "math", "bedrock", "turns", "quac", "bioasq"),
    *("ambiguous", "qampari", "hagrid", "ares", "databricks"),
    *("model_lab", "argilla", "flashrag", "helm", "inspect", "lighteval", "lm_eval"),
)
ONLY_LABELLED = (
    *("nli", "fever", "scifact", "prodigy", "bright", "legalbench_rag", "cast"),
    *("llama_index", "model_lab_judge"),
)
#: the tasks that a format is for; with `label`, any text may be labelled
FOR = {
    "wattbot": {"wattbot", "open_qa", "label"},
    "table": set(TASKS),
    **{name: {"open_qa", "label"} for name in PUBLISHED},
    **{name: {"label"} for name in ONLY_LABELLED},
    "label_csv": {"label"},  # and open_qa, where a column of labels is named
    "ragas": {"open_qa", "label"},
    "squad": {"wattbot", "open_qa", "label"},
    "cord": {"extract", "label"},
    "beir": {"open_qa", "label"},
    "sql": {"open_qa", "label"},
}
# retrievers alone can be compared on any questions
FOR = {name: {*tasks, "retrieval"} for name, tasks in FOR.items()}
TASK_OPTIONS = {
    "label": {"kind": "label", "labels": ["show", "hide", "A", "B", "neutral"]},
    "extract": {"kind": "extract", "record": "record.json"},
}
#: what a model writes, by task: an answer, and that it has none
TEXTS = {
    "wattbot": (
        '{"answer_value": "14", "answer_unit": "pumps", "ref_id": ["plant"]}',
        '{"answer_value": "is_blank"}',
    ),
    "open_qa": ("14", "is_blank"),
    "label": ('{"label": "show"}', "is_blank"),
    "extract": (json.dumps(RECORD), "null"),
    "retrieval": ('{"documents": ["plant"]}', "{}"),
}
DATABRICKS = {"request": "How many?", "expected_response": "14", "expected_retrieved_context": [{"doc_uri": "plant"}]}  # fmt: skip
CAST = {"number": 1, "turn": [{"number": 1, "raw_utterance": "How many?", "canonical_result_id": "plant"}]}  # fmt: skip
SQUAD = {"data": [{"title": "Plant", "paragraphs": [{"context": "The plant has 14 pumps.", "qas": [
    {"id": "q", "question": "How many?", "answers": [{"text": "14"}]},
    {"id": "n", "question": "Why?", "answers": [], "is_impossible": True},
]}]}]}  # fmt: skip
#: no row says `ref_id`, but that of wattbot's own format
FILES = {
    "wattbot": "id,question,answer,answer_value,answer_unit,ref_id\nq,How many?,14,14,pumps,plant\n",
    "table": {
        "id": "q",
        "question": "How many?",
        "answer": "14",
        "label": "show",
        "record": RECORD,
        "truth": {"answer_value": 14, "answer_unit": "pumps"},
        "references": ["plant"],
    },
    "label_csv": "text\nHow many?\n",
    "model_lab": {"question": "How many?", "ground_truth_answer": "14", "chunk_text": "14 pumps"},
    "model_lab_judge": {
        "question": "How many?",
        "answer": "14",
        "context": "c",
        "ground_truth_show": True,
    },
    "ragas": {"user_input": "How many?", "reference": "14", "reference_contexts": ["14 pumps"]},
    "squad": SQUAD,
    "hotpotqa": {
        "_id": "q",
        "question": "How many?",
        "answer": "14",
        "supporting_facts": [["plant", 0]],
        "context": [["plant", ["The plant has 14 pumps."]]],
    },
    "musique": {
        "id": "q",
        "question": "How many?",
        "answer": "14",
        "paragraphs": [
            {"title": "plant", "paragraph_text": "It has 14 pumps.", "is_supporting": True}
        ],
    },
    "multiple_choice": {"question": "How many?", "choices": ["13", "14"], "answer": 1},
    "nli": {"premise": "It has 14 pumps.", "hypothesis": "It is old.", "label": 1},
    "llama_index": {
        "queries": {"q": "How many?"},
        "corpus": {"plant": "The plant has 14 pumps."},
        "relevant_docs": {"q": ["plant"]},
    },
    "dpr": {
        "question": "How many?",
        "answers": ["14"],
        "positive_ctxs": [{"title": "plant", "text": "The plant has 14 pumps."}],
    },
    "qasper": {
        "title": "Plant",
        "full_text": [],
        "qas": [
            {
                "question_id": "q",
                "question": "How many?",
                "answers": [
                    {
                        "answer": {
                            "unanswerable": False,
                            "yes_no": None,
                            "extractive_spans": ["14"],
                            "free_form_answer": "",
                            "evidence": ["The plant has 14 pumps."],
                        }
                    }
                ],
            }
        ],
    },
    "narrative_qa": {
        "document": {"id": "plant"},
        "question": {"text": "How many?"},
        "answers": [{"text": "14"}],
    },
    "coqa": {
        "id": "q",
        "story": "The plant has 14 pumps.",
        "questions": [{"input_text": "How many?", "turn_id": 1}],
        "answers": [{"input_text": "14", "span_text": "14 pumps", "turn_id": 1}],
    },
    "drop": {
        "passage": "The plant has 14 pumps.",
        "qa_pairs": [
            {"question": "How many?", "answer": {"number": "14", "date": {}, "spans": []}}
        ],
    },
    "tat_qa": {
        "table": {"table": [["pumps", "14"]]},
        "paragraphs": [{"order": 1, "text": "The plant has 14 pumps."}],
        "questions": [
            {"uid": "q", "question": "How many?", "answer": ["14"], "answer_type": "span"}
        ],
    },
    "newsqa": {
        "storyId": "plant",
        "text": "The plant has 14 pumps.",
        "questions": [{"q": "How many?", "consensus": {"s": 14, "e": 16}}],
    },
    "eli5": {
        "q_id": "q",
        "title": "How many?",
        "answers": {"text": ["14"], "score": [3]},
    },
    "kilt": {"id": "q", "input": "How many?", "output": [{"answer": "14"}]},
    "fever": {
        "id": 1,
        "claim": "It has 14 pumps.",
        "label": "show",
        "evidence": [[[1, 2, "plant", 0]]],
    },
    "scifact": {
        "id": 1,
        "claim": "It has 14 pumps.",
        "evidence": {"plant": [{"sentences": [0], "label": "show"}]},
        "cited_doc_ids": ["plant"],
    },
    "rgb": {
        "id": 0,
        "query": "How many?",
        "answer": ["14"],
        "positive": ["14 pumps"],
        "negative": [],
    },
    "multihop_rag": {
        "query": "How many?",
        "answer": "14",
        "evidence_list": [{"title": "plant", "fact": "The plant has 14 pumps."}],
    },
    "quac": {
        "turn_ids": ["q"],
        "questions": ["How many?"],
        "context": "The plant has 14 pumps.",
        "answers": {"texts": [["14"]]},
        "orig_answers": {"texts": ["14"]},
    },
    "bioasq": {
        "id": "q",
        "type": "factoid",
        "body": "How many?",
        "documents": [],
        "exact_answer": ["14"],
    },
    "flashrag": {"question": "How many?", "golden_answers": ["14"], "metadata": {"type": "x"}},
    "argilla": {
        "id": "q",
        "fields": {"question": "How many?"},
        "suggestions": {},
        "responses": {"answer": [{"value": "14", "user_id": "u"}]},
    },
    "helm": {
        "id": "q",
        "input": {"text": "How many?"},
        "references": [{"output": {"text": "14"}, "tags": ["correct"]}],
    },
    "inspect": {"id": "q", "epoch": 1, "input": "How many?", "target": "14", "output": {}},
    "lighteval": [{"example": "How many?", "full_prompt": "", "gold": ["14"], "predictions": []}],
    "lm_eval": {"doc_id": 0, "doc": {"question": "How many?", "answer": "14"}, "target": "14"},
    "ambiguous": {"question": "How many?", "annotations": [{"long_answer": "14"}]},
    "qampari": {"question_text": "How many?", "answer_list": [{"answer_text": "14"}]},
    "hagrid": {"query": "How many?", "quotes": [], "answers": [{"answer": "14"}]},
    "databricks": DATABRICKS,
    "ares": {"Query": "How many?", "Document": "14 pumps", "Answer": "14"},
    "legalbench_rag": {"query": "How many?", "snippets": [{"file_path": "plant"}]},
    "cast": CAST,
    "bright": {"id": "q", "query": "How many?", "gold_ids": ["plant"], "excluded_ids": ["N/A"]},
    "math": {"problem": "How many?", "solution": "So $\\boxed{14}$."},
    "bedrock": {
        "conversationTurns": [
            {
                "prompt": {"content": [{"text": "How many?"}]},
                "referenceResponses": [{"content": [{"text": "14"}]}],
            }
        ]
    },
    "turns": {"question_id": 1, "turns": ["How many?"], "reference": ["14"]},
    "prodigy": {"text": "How many?", "options": [], "accept": ["show"], "answer": "accept"},
    "gsm8k": {"question": "How many?", "answer": "7 + 7\n#### 14"},
    "alpaca": {"instruction": "Count.", "input": "pumps", "output": "14"},
    "ms_marco": {
        "query_id": 1,
        "query": "How many?",
        "answers": ["14"],
        "passages": [{"is_selected": 1, "passage_text": "14 pumps", "url": "http://a.example"}],
    },
    "natural_questions": {"question": "How many?", "answer": ["14", "fourteen"]},
    "trivia_qa": {
        "Data": [
            {
                "QuestionId": "q",
                "Question": "How many?",
                "Answer": {"Value": "14", "Aliases": ["14"]},
            }
        ]
    },
    "finance_bench": {
        "financebench_id": "q",
        "question": "How many?",
        "answer": "14",
        "doc_name": "plant",
        "evidence": [{"evidence_text": "14 pumps", "doc_name": "plant"}],
    },
    "deepeval": [{"input": "How many?", "expected_output": "14", "context": ["14 pumps"]}],
    "promptfoo": {"vars": {"question": "How many?"}, "assert": [{"type": "equals", "value": "14"}]},
    "label_studio": [
        {
            "id": 1,
            "data": {"text": "How many?"},
            "annotations": [
                {"result": [{"type": "textarea", "from_name": "a", "value": {"text": ["14"]}}]}
            ],
        }
    ],
    "messages": {
        "messages": [
            {"role": "user", "content": "How many?"},
            {"role": "assistant", "content": "14"},
        ]
    },
    "beir": {"_id": "q", "text": "How many?", "answer": "14"},
    "cord": {"gt_parse": RECORD, "valid_line": [{"words": [{"text": "TEA", "quad": {}}]}]},
}


@pytest.fixture
def bench(tmp_path, monkeypatch):
    """A config with one dataset of a format and a task."""
    monkeypatch.chdir(tmp_path)
    Path("notes").mkdir()
    Path("notes/plant.txt").write_text("The plant has 14 pumps.")
    Path("qrels").mkdir()
    Path("qrels/test.tsv").write_text("q\tplant\t2\n")
    Path("record.json").write_text(json.dumps({"type": "object", "properties": {"menu": {}}}))
    with sqlite3.connect("q.db") as database:
        database.execute("CREATE TABLE q (question TEXT, answer TEXT, references_ TEXT)")
        database.execute("INSERT INTO q VALUES ('How many?', '14', 'plant')")
    for name, content in FILES.items():
        Path(name).write_text(content if isinstance(content, str) else json.dumps(content))

    def config(question_format, task):
        if question_format == "sql":
            query = "SELECT question, answer, references_ AS 'references' FROM q"
            asked = {"sql": {"url": f"sqlite:///{tmp_path}/q.db", "query": query}}
        else:
            asked = {"questions": question_format, "format": question_format}
        dataset = {"corpus": "notes", "task": TASK_OPTIONS.get(task, task), **asked}
        Path("config.yaml").write_text(
            yaml.safe_dump(
                {
                    "corpora": {"notes": {"path": "notes"}},
                    "datasets": {"quiz": dataset},
                    "retrievers": {"bm25": {"kind": "bm25"}},
                    "models": {"base": {"provider": "extractive"}},
                },
                sort_keys=False,
            )
        )
        return load_config([Path("config.yaml")])

    return config


PAIRS = [
    (question_format, task) for question_format in (*QUESTION_FORMATS, "sql") for task in TASKS
]


def test_all_formats_are_here():
    assert set(FOR) == {*QUESTION_FORMATS, "sql"}
    assert set(FILES) == set(QUESTION_FORMATS)


@pytest.mark.parametrize(("question_format", "task"), [p for p in PAIRS if p[1] in FOR[p[0]]])
def test_a_pair_that_is_taken_works_up_to_the_scores(bench, question_format, task):
    config = bench(question_format, task)
    assert ("bm25" in config.models) == (task == "retrieval")
    dataset = config.datasets["quiz"]
    write_rows(Path("chunks.jsonl"), [Chunk("plant#1", "plant", 0, "The plant has 14 pumps.", "P")])
    select_questions(
        *(dataset.format, dataset.task, dataset.questions, Path("chunks.jsonl")),
        *(None, None, Path("q.jsonl")),
        sql=dataset.sql,
    )
    questions = read_rows(Path("q.jsonl"), Question)
    parsed = [dataset.task.parse(text) for text in TEXTS[task]]
    parsed.append(Parsed(Status.FAILED))
    answers = [
        Prediction(question.id, "bm25", repeat, one.status, one.answer, None, "")
        for question in questions
        for repeat, one in enumerate(parsed, start=1)
    ]
    write_rows(Path("p.jsonl"), answers)
    run = dict.fromkeys(("fingerprint", "seed", "prompt"), "x")
    write_json(Path("run.json"), {**run, "runs": []})
    score_model(
        ScoreJob(
            *("base", "quiz", dataset.task, resolved_scorer(config, "quiz"), "incorrect"),
            *("extractive", "base", True, None),
        ),
        *map(Path, ("q.jsonl", "p.jsonl", "run.json", "s.csv", "s.json")),
    )
    rows = read_csv(Path("s.csv")).rows
    assert len(rows) == 3 * len(questions)
    if task == "wattbot":
        assert questions[0].reference["ref_id"] == "plant"
        assert (rows[0]["outcome"], rows[0]["ref_score"]) == ("right", "1.0")
        assert all(q.reference["ref_id"] == "is_blank" for q in questions if q.unanswerable)


@each(("question_format", "task"), [p for p in PAIRS if p[1] not in FOR[p[0]]])
def test_any_other_pair_is_refused_in_one_line(bench, question_format, task):
    with pytest.raises(InputError) as caught:
        bench(question_format, task)
    message = str(caught.value)
    what = "a database" if question_format == "sql" else f"format {question_format!r}"
    assert "\n" not in message
    assert message.startswith("config.yaml:")
    assert f"datasets.quiz.task: the task {task!r} needs '" in message
    assert f"', which {what} does not have; choose the task " in message
    assert (
        f"{', '.join(sorted(FOR[question_format] - {'retrieval'}, key=list(TASKS).index)[:-1])}"
        in message
    )


def test_label_csv_has_what_its_columns_are_named(bench):
    assert bench("label_csv", "label").datasets["quiz"].format.reference_fields() == frozenset()
    named = QUESTION_FORMATS.load("label_csv")(kind="label_csv", label="flag", tags="t")
    assert named.reference_fields() == {"label", "tags", "answer"}
