"""A small benchmark that is right, to be spoilt by one line."""

import pytest

QUESTIONS = "id,question,answer_value,answer_unit,ref_id\nq1,How much?,5,MWh,['a']\n"
CONFIG = """\
corpora:
  notes:
    path: notes
datasets:
  quiz:
    corpus: notes
    questions: quiz.csv
    prompt: prompt.jinja
retrievers:
  bm25: {kind: bm25}
  none: {kind: none}
models:
  base:
    provider: extractive
  small:
    provider: transformers
    model: weights
"""


@pytest.fixture
def bench(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("It used 5 MWh.")
    (tmp_path / "quiz.csv").write_text(QUESTIONS)
    (tmp_path / "prompt.jinja").write_text("{% block user %}{{ question }}{% endblock %}")
    (tmp_path / "weights").mkdir()
    (tmp_path / "config.yaml").write_text(CONFIG)

    def spoil(old, new):
        assert CONFIG.count(old) == 1
        (tmp_path / "config.yaml").write_text(CONFIG.replace(old, new))

    return spoil
