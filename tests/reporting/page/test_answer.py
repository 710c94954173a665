"""The first screen: how certain a target is, and what fails where not all answers are classed."""

import json

import pytest
from reporting.registry.conftest import write_scores

from modellab.core.io.csv_file import write_csv
from modellab.core.io.jsonl import write_rows
from modellab.core.layout import STATUS, VERDICT, table_file
from modellab.core.records import NO_RETRIEVER
from modellab.evaluation.compare.score_files import read_scores
from modellab.evaluation.compare.verdict import verdict_on, write_verdict
from modellab.evaluation.targets.options import TargetsOptions
from modellab.evaluation.targets.rating import StatusFiles, write_status
from modellab.reporting.page.results import DatasetResults
from modellab.reporting.page.views.answer import build, context_line


def first_blocks(folder):
    """The verdict and the cards of one system, dense, whose score is 0.75."""
    scores = folder / "scores" / "one.json"
    write_verdict(folder / VERDICT, verdict_on([read_scores(scores)]))
    return build(DatasetResults(folder, models=["one"]))[:2]


@pytest.mark.parametrize(("low", "doubt"), [(0.31, "; not certain"), (0.6, ")")])
def test_a_target_inside_the_interval_is_not_certainly_reached(tmp_path, low, doubt):
    write_scores(tmp_path, "one", dense=0.75)
    options = TargetsOptions(metrics=[{"metric": "overall", "good": 0.5}], min_coverage=0.5)
    files = StatusFiles(tmp_path / table_file("status"), tmp_path / STATUS)
    write_status("quiz", [tmp_path / "scores" / "one.json"], {}, options, files)
    row = {"model": "one", "retriever": "dense", "overall_low": low, "overall_high": 0.9}
    write_csv(tmp_path / table_file("leaderboard"), list(row), [row])
    verdict, _ = first_blocks(tmp_path)
    (line,) = [line for line in verdict.lines if "target for good" in line]
    assert f"good is 0.50: 0.25 above it (status: good{doubt}" in line


def test_answers_that_are_neither_right_nor_wrong_may_all_fail(tmp_path):
    write_scores(tmp_path, "one", dense=0.75)
    path = tmp_path / "scores" / "one.json"
    scores = json.loads(path.read_text())
    scores["summaries"][0]["outcomes"] |= {"right": 1, "wrong": 1, "failed": 0}
    path.write_text(json.dumps(scores))
    _, cards = first_blocks(tmp_path)
    (card,) = [card for card in cards.cards if card.question == "Where does it fail?"]
    assert card.number == "1\u20133 of 4"


def test_a_leader_that_is_shown_passages_can_be_shown_the_right_ones(tmp_path):
    write_scores(tmp_path, "one", **{NO_RETRIEVER: 0.75})
    assert "How far can it go?" not in [card.question for card in first_blocks(tmp_path)[1].cards]
    write_scores(tmp_path, "one", dense=0.75)
    far = first_blocks(tmp_path)[1].cards[0]
    assert (far.question, "oracle" in far.lines[0].text) == ("How far can it go?", True)


def test_a_leader_from_a_file_reads_no_passages_whatever_others_read(tmp_path):
    write_scores(tmp_path, "one", external=0.75)
    path = tmp_path / "scores" / "two.json"
    write_scores(tmp_path, "two", oracle=0.5, dense=0.4)
    scores = json.loads(path.read_text())
    scores["summaries"][0] |= {"control": True, "role": "oracle"}
    path.write_text(json.dumps(scores))
    both = [read_scores(tmp_path / "scores" / f"{name}.json") for name in ("one", "two")]
    write_verdict(tmp_path / VERDICT, verdict_on(both))
    write_rows(tmp_path / "questions.jsonl", [])
    results = DatasetResults(tmp_path, models=["one", "two"])
    assert build(results)[1].cards[0].question == "Where does it fail?"
    assert "2 models \u00d7 1 retriever " in context_line(results)


def test_of_retrievers_alone_the_questions_count_for_which_nothing_is_found(tmp_path):
    write_scores(tmp_path, "dense", dense=0.75)
    path = tmp_path / "scores" / "dense.json"
    scores = json.loads(path.read_text())
    summary = scores["summaries"][0]
    overall = summary["metrics"].pop("overall")
    found = {"value": 0.75, "n_scored": 4, "n_failed": 0}
    summary["metrics"] |= {"hit_rate@10": found, "overall": overall}
    summary["outcomes"] = {}
    path.write_text(json.dumps(scores))
    write_verdict(tmp_path / VERDICT, verdict_on([read_scores(path)]))
    write_rows(tmp_path / "questions.jsonl", [])
    results = DatasetResults(tmp_path, models=["dense"])
    cards = {card.question: card.number for card in build(results)[1].cards}
    assert cards["Where does it fail?"] == "1 of 4"
    assert "How far can it go?" not in cards
    assert "1 retriever " in context_line(results)


def test_what_no_system_was_measured_in_has_no_card_and_no_column(tmp_path):
    write_scores(tmp_path, "one", external=0.75)
    path = tmp_path / "scores" / "one.json"
    scores = json.loads(path.read_text())
    for seconds, shown in ((2.0, True), (None, False)):
        spent = {"seconds_per_answer": seconds, "estimated_cost_usd": None}
        scores["summaries"][0] |= spent
        path.write_text(json.dumps(scores))
        write_verdict(tmp_path / VERDICT, verdict_on([read_scores(path)]))
        _, cards, systems = build(DatasetResults(tmp_path, models=["one"]))[:3]
        assert ("What does it cost?" in [card.question for card in cards.cards]) == shown
        heads = [column.label for column in systems.columns]
        assert ("time per answer" in heads, "cost per 1,000" in heads) == (shown, False)
