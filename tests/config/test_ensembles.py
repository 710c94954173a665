"""Ensembles that cannot be: one clear line each, at the key that is wrong."""

from pathlib import Path

import pytest
from cases import each

from modellab.config.answering import models_asked, retrievers_answered, unanswered
from modellab.config.loading import load_config
from modellab.config.schema import Config
from modellab.core.errors import InputError

FILES = [Path("config.yaml")]
QUESTIONS = "id,question,answer_value,answer_unit,ref_id\nq1,How much?,5,MWh,['a']\n"
CONFIG = """\
corpora: {{notes: {{path: notes}}}}
datasets:
  quiz: {{corpus: notes, questions: quiz.csv}}
  dev: {{corpus: notes, questions: dev.csv, retrievers: [bm25]}}
  free: {{questions: free.jsonl, format: jsonl, task: open_qa}}
retrievers:
  bm25: {{kind: bm25}}
  none: {{kind: none}}
models:
  a: {{provider: extractive, datasets: [quiz, dev]}}
  b: {{provider: extractive, datasets: [quiz, dev], retrievers: [none, bm25]}}
  c: {{provider: submission, path: quiz.csv, datasets: [free]}}
  d: {{provider: extractive, datasets: [quiz], retrievers: [none]}}
  idle: {{provider: extractive, enabled: false}}
  file: {{provider: submission, path: own.csv, datasets: [quiz]}}
  free: {{provider: submission, path: own.csv, datasets: [free]}}
{more}"""


@pytest.fixture
def load(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("It used 5 MWh.")
    for name in ("quiz.csv", "dev.csv", "own.csv"):
        (tmp_path / name).write_text(QUESTIONS)
    (tmp_path / "free.jsonl").write_text('{"id": "q1", "question": "Who?", "answer": "Ann"}\n')

    def read(**entries):
        lines = (
            f"  {name.replace('_', '-')}: {{provider: ensemble, {entry}}}\n"
            for name, entry in entries.items()
        )
        (tmp_path / "config.yaml").write_text(CONFIG.format(more="".join(lines)))
        return load_config(FILES)

    return read


WRONG = [
    ("members: [a]", "models.all.members: an ensemble needs two members or more, not 1"),
    ("members: [a, x]", "models.all.members.1: unknown model 'x'; choose from: a, b, c, d, idle, file, free"),
    ("members: [a, all]", "models.all.members.1: 'all' is this ensemble itself; name another model"),
    ("members: [a, idle]", "models.all.members.1: 'idle' is not enabled; set `enabled: true` on it or leave it out"),
    ("members: [a, b, a]", "models.all.members.2: 'a' is a duplicate"),
    ("members: [a, b], repeats: 3", "models.all: repeats: an ensemble asks nothing itself; set it in its members"),
    ("members: [a, b], strategy: confidence", "models.all: `weights_from` belongs to `strategy: confidence`"),
    ("members: [a, b], weights_from: {dataset: dev}", "models.all: `weights_from` belongs to `strategy: confidence`"),
    ("members: [a, b], strategy: answer_priority, references: union", "models.all: references: union: answer_priority takes those of the winners"),
    ("members: [a, b], strategy: best", "models.all.strategy: Input should be 'majority'"),
    ("members: [a, c]", "models.all: there is no dataset that all its members answer"),
    ("members: [a, b], datasets: [quiz, free]", "models.all.members: 'a' does not answer dataset 'free'; name it in its `datasets`"),
    ("members: [a, b], datasets: [quizz]", "models.all.datasets.0: unknown dataset 'quizz'"),
    ("members: [c, free], vote_on: exact", "models.all.vote_on: answers to dataset 'free' (open_qa) are hardly ever the same"),
    ("members: [c, free], strategy: answer_priority", "models.all.strategy: answers to dataset 'free' (open_qa) have no references; say `majority`"),
    ("members: [c, free], vote_on: normalised, references: union", "models.all.references: answers to dataset 'free' (open_qa) have no references; leave it out"),
    ("members: [a, file]", "models.all.members: on dataset 'quiz' its members have no retriever in common (a: bm25, none; file: external)"),
    ("members: [a, d], retrievers: [bm25]", "models.all.members: on dataset 'quiz' its members have no retriever in common (a: bm25, none; d: none)"),
]  # fmt: skip
CONFIDENCE = "members: [a, b], strategy: confidence, weights_from: "
WRONG += [
    (CONFIDENCE + "{dataset: test}", "models.all.weights_from.dataset: unknown dataset 'test'; choose from: quiz, dev, free"),
    (CONFIDENCE + "{dataset: quiz}, datasets: [quiz]", "models.all.weights_from.dataset: its weights come from dataset 'quiz', which it would answer"),
    ("members: [a, d], strategy: confidence, weights_from: {dataset: quiz}", "models.all: its weights come from dataset 'quiz', which it would answer"),
    ("members: [a, d], strategy: confidence, weights_from: {dataset: dev, retriever: bm25}", "models.all.weights_from.dataset: member 'd' has no score on dataset 'dev'; let it answer it"),
    (CONFIDENCE + "{dataset: dev}", "models.all.weights_from.retriever: member 'a' has no score with 'none' on dataset 'dev', but with: bm25"),
    (CONFIDENCE + "{dataset: dev, component: f1}", "models.all.weights_from.component: unknown component 'f1'; choose from: value_accuracy, ref_overlap, na_recall, overall"),
]  # fmt: skip


@each(("entry", "expected"), WRONG)
def test_an_invalid_ensemble_is_one_line(load, entry, expected):
    with pytest.raises(InputError) as error:
        load(all=entry)
    assert expected in str(error.value)
    assert "\n" not in str(error.value)


def test_a_cycle_of_ensembles_is_reported_with_its_members(load):
    with pytest.raises(InputError, match="a circle: one -> two -> one; an ensemble cannot vote on"):
        load(one="members: [a, two]", two="members: [one, b]")


def test_an_ensemble_of_ensembles_has_what_all_below_it_have(load):
    config = load(
        both="members: [a, b]",
        all="members: [both, d]",
        weak="members: [a, b], retrievers: [none], datasets: [quiz]",
    )
    assert models_asked(config, "quiz") == ["a", "b", "d", "file", "both", "all", "weak"]
    assert models_asked(config, "dev") == ["a", "b", "both"]
    assert retrievers_answered(config, "quiz", "both") == ("bm25", "none")
    assert retrievers_answered(config, "quiz", "all") == ("none",)
    assert retrievers_answered(config, "quiz", "weak") == ("none",)


def test_weights_may_come_from_another_dataset_with_another_retriever(load):
    config = load(all=CONFIDENCE + "{dataset: dev, retriever: bm25, component: value_accuracy}")
    assert "all" in models_asked(config, "quiz")
    assert "all" not in models_asked(config, "dev")


def test_the_same_file_is_no_other_dataset_but_another_split_is(load, tmp_path):
    load()
    text = (tmp_path / "config.yaml").read_text()
    entry = "  all: {provider: ensemble, members: [a, b], strategy: confidence, datasets: [quiz], "
    entry += "weights_from: {dataset: dev, retriever: bm25}}\n"

    def with_datasets(quiz, dev):
        new = text.replace("quiz.csv}", f"quiz.csv{quiz}}}").replace(
            "dev.csv, ", f"quiz.csv{dev}, "
        )
        (tmp_path / "config.yaml").write_text(new + entry)
        return load_config(FILES)

    assert with_datasets(", split: test", ", split: train")
    for quiz, dev in (("", ""), (", split: test", ""), (", split: test", ", split: test")):
        with pytest.raises(InputError, match="which it would answer: test answers would leak"):
            with_datasets(quiz, dev)


def test_an_ensemble_is_there_when_its_members_are(load, tmp_path):
    config = load(all="members: [a, b], datasets: [quiz]")
    assert unanswered(config, "quiz") == ["a", "b", "d", "file", "all"]
    for name in ("a", "b"):
        for path in (f"predictions/{name}.jsonl", f"runs/{name}.json"):
            file = tmp_path / "results" / "quiz" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("")
    assert unanswered(config, "quiz") == ["d", "file"]


def test_a_judge_cannot_be_an_ensemble(load, tmp_path):
    load(all="members: [a, b], datasets: [quiz]")
    with open(tmp_path / "config.yaml", "a") as handle:
        handle.write("judges:\n  one: {kind: rubric, model: all}\n")
    with pytest.raises(InputError, match="this model cannot judge"):
        load_config(FILES)


def test_a_config_that_is_written_out_is_the_same_config(load, tmp_path):
    load(all="members: [a, b], datasets: [quiz]")
    with open(tmp_path / "config.yaml", "a") as handle:
        model = "{provider: litellm, model: openai/x, api_key_env: KEY}"
        handle.write(f"judges:\n  one: {{kind: rubric, model: {model}}}\n")
    config = load_config(FILES)
    # as the job of a preflight gets it
    assert Config.model_validate(config.model_dump(mode="json")) == config
