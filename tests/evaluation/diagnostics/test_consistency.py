import json
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellab.core.io.csv_file import read_csv
from modellab.core.io.jsonl import write_json, write_rows
from modellab.core.records import (
    Metric,
    ModelScores,
    Prediction,
    Question,
    RepeatNoise,
    Status,
    Summary,
)
from modellab.evaluation.diagnostics.consistency import (
    Meaning,
    agreements,
    texts_to_compare,
    write_consistency,
)
from modellab.evaluation.prediction_frame import read_prediction_frame
from modellab.models.embedders.tfidf_svd import TfidfSvdOptions
from modellab.tasks import parse_scorer, parse_task
from modellab.tasks.extract.comparing import ItemRules, RecordRules


def repeat(number, answer, question="q", status=Status.ANSWERED, passages=("a",)):
    fields = {"answer": answer} if isinstance(answer, str) else answer
    return Prediction(
        question, "bm25", number, status, fields, "raw", f"{question}{number}", passages=passages
    )


def frame(rows):
    """The rows, written and read again."""
    fields = dict.fromkeys(name for row in rows for name in row.answer)
    with TemporaryDirectory() as folder:
        write_rows(Path(folder) / "p.jsonl", rows)
        return read_prediction_frame(Path(folder) / "p.jsonl", list(fields), passages=True)


def found(*answers, similarity=None, rules=None):
    return agreements(frame(answers), similarity, rules)


def test_exact_agreement_by_hand():
    rows = [repeat(1, "5"), repeat(2, " 5 "), repeat(3, "6")]
    rows += [repeat(n, "x", "q2") for n in (1, 2)]
    assert found(*rows)["exact_agreement"] == Metric(0.75, 2)


def test_one_repeat_has_no_value():
    """There is nothing to agree: not full agreement."""
    metrics = found(repeat(1, "5"), similarity=lambda a, b: 1.0)
    assert set(metrics.values()) == {Metric(None, 0)}


def test_repeats_without_answer_are_counted_and_left_out():
    failed = repeat(2, {}, status=Status.FAILED)
    assert found(repeat(1, "5"), failed)["exact_agreement"] == Metric(None, 0, 1)
    assert found(repeat(1, "5"), failed, repeat(3, "5"))["exact_agreement"] == Metric(1.0, 1, 1)


def test_an_abstention_is_not_the_same_as_an_answer():
    rows = [repeat(1, "x"), repeat(2, "x", status=Status.ABSTAINED)]
    assert found(*rows)["exact_agreement"].value == 0


def test_the_first_repeat_is_the_first_whatever_the_order_of_rows():
    rows = [repeat(1, "5"), repeat(2, "6"), repeat(3, "6")]
    assert found(*rows) == found(*reversed(rows))
    assert found(*rows)["exact_agreement"].value == 0


def test_each_field_of_an_answer():
    metrics = found(repeat(1, {"value": "5", "why": "a"}), repeat(2, {"value": "5", "why": "b"}))
    assert metrics["value_agreement"].value == 1
    assert metrics["why_agreement"].value == 0
    assert metrics["exact_agreement"].value == 0


def test_semantic_agreement_is_the_mean_of_all_pairs():
    similarity = {("a", "b"): 0.5, ("a", "c"): 0.1, ("b", "c"): 0.3}
    rows = [repeat(1, "a"), repeat(2, "b"), repeat(3, "c")]
    metrics = found(*rows, similarity=lambda one, other: similarity[one, other])
    assert metrics["semantic_agreement"] == Metric(pytest.approx(0.3), 1)
    assert found(*rows)["semantic_agreement"] == Metric(None, 0)
    assert texts_to_compare(frame(rows)) == ["a", "b", "c"]
    assert texts_to_compare(frame(rows[:1])) == []


def test_passages_of_repeats():
    rows = [repeat(1, "5"), repeat(2, "6"), repeat(3, "5", passages=("a", "b"))]
    assert found(*rows)["passage_agreement"].value == 0.5


def test_models_that_are_shown_nothing_do_not_agree_on_passages():
    rows = [repeat(1, "5", passages=()), repeat(2, "5", passages=())]
    assert found(*rows)["passage_agreement"] == Metric(None, 0)


def test_extracted_records():
    rules = RecordRules(items={"tests": ItemRules(name="name", value="value", unit="unit")})
    records = [{"tests": [{"name": "HGB", "value": v, "unit": "g"}]} for v in ("100", "150")]
    rows = [repeat(n, {"record": json.dumps(r)}) for n, r in enumerate(records, start=1)]
    metrics = found(*rows, rules=rules)
    assert metrics["extraction_names_agreement"] == Metric(1.0, 1)
    assert metrics["extraction_values_agreement"] == Metric(0.0, 1)
    assert metrics["extraction_units_agreement"] == Metric(1.0, 1)
    assert found(rows[0], rules=rules)["extraction_overall_agreement"] == Metric(None, 0)


@given(st.lists(st.lists(st.sampled_from("ab"), min_size=1, max_size=4), max_size=4))
def test_bounds_and_identity(questions):
    rows = [
        repeat(n, answer, f"q{q}")
        for q, answers in enumerate(questions)
        for n, answer in enumerate(answers, start=1)
    ]
    metrics = found(*rows, similarity=lambda one, other: float(one == other))
    values = [metric.value for metric in metrics.values() if metric.value is not None]
    assert all(0 <= value <= 1 for value in values)
    if all(len(set(answers)) == 1 for answers in questions):
        assert set(values) <= {1.0}


def summary(noise):
    resource_usage = dict.fromkeys(
        (
            *("avg_latency_seconds", "p50_latency_seconds"),
            *("p95_latency_seconds", "total_time_seconds", "input_tokens", "output_tokens"),
            "estimated_cost_usd",
        )
    )
    return Summary(
        *("bm25", 1, 2, 1.0, {}, {"overall": Metric(0.5, 2)}),
        outcomes={},
        abstention_precision=Metric(None, 0),
        abstention_recall=Metric(None, 0),
        total_retries=0,
        repeat_noise=noise,
        **resource_usage,
    )


def test_the_table(tmp_path):
    """Equal answers are fully alike, also if the embedder knows none of their words."""
    noise = {"overall": RepeatNoise(0.1, 0.2, 2)}
    scores = ModelScores(
        "m", "d", "open_qa", "texts", "incorrect", "p", "m", True, None, (summary(noise),)
    )
    write_json(tmp_path / "s.json", asdict(scores))
    rows = [repeat(1, "zebra"), repeat(2, "zebra")]
    rows += [repeat(1, "cats sleep", "q2"), repeat(2, "dogs bark", "q2")]
    write_rows(tmp_path / "p.jsonl", rows)
    questions = [
        Question("q", "Do cats sleep?", {}, {}, ()),
        Question("q2", "Do dogs bark?", {}, {}, ()),
    ]
    write_rows(tmp_path / "q.jsonl", questions)
    meaning = Meaning(TfidfSvdOptions(kind="tfidf-svd"), tmp_path / "q.jsonl", None, 0)
    files = ([tmp_path / "p.jsonl"], [tmp_path / "s.json"])
    settings = (parse_task("open_qa"), parse_scorer("texts"))
    write_consistency(tmp_path / "c.csv", *files, *settings, meaning)
    table = {row["metric"]: row for row in read_csv(tmp_path / "c.csv").rows}
    assert table["exact_agreement"]["value"] == "0.5"
    assert 0 <= float(table["semantic_agreement"]["value"]) < 1
    assert table["overall_repeat_sd"]["value"] == "0.1"
    assert table["overall_repeat_range"]["value"] == "0.2"
    assert {row["repeats"] for row in table.values()} == {"2"}
    write_consistency(tmp_path / "c.csv", *files, *settings)
    assert "semantic_agreement,,0,0,2" in (tmp_path / "c.csv").read_text()
