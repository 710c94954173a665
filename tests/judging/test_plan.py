from dataclasses import replace
from pathlib import Path

import pytest
from judge_samples import ASKED, job, run, write_benchmark

from modellab.core.io.jsonl import write_rows
from modellab.core.records import Chunk
from modellab.judging.cost_plan import plan_job, plan_table

PROMPTS = Path(__file__).parents[2] / "resources" / "prompts" / "judges"


@pytest.fixture
def bench(tmp_path):
    ASKED.clear()
    folder = write_benchmark(tmp_path / "bench")
    write_rows(folder / "chunks.jsonl", [Chunk("d#1", "d", 1, "Water is wet.", "T")])
    return folder


def rubric(bench, **keys):
    return job(bench, lambda _: '{"score": 4}', PROMPTS, **{"metrics": ["correctness"], **keys})


def test_a_plan_counts_what_a_run_then_asks(bench):
    plan = plan_job(rubric(bench, repeats=2))
    assert ASKED == []
    assert not (bench / "journal.jsonl").exists()
    assert (plan.judgements, plan.in_journal, plan.calls) == (6, 0, 6)
    run(rubric(bench, repeats=2), bench)
    assert len(ASKED) == plan.calls
    sent = sum(len(m.content.encode()) for r in ASKED for m in r.messages)
    assert abs(plan.prompt_tokens - sent / 4) <= plan.calls
    assert plan.output_tokens == 6 * 1024


def test_what_the_journal_holds_is_not_planned_again(bench):
    run(rubric(bench), bench)
    plan = plan_job(rubric(bench, repeats=2))
    assert (plan.in_journal, plan.calls) == (3, 3)


@pytest.mark.parametrize(
    ("metrics", "calls"),
    # two answers with two passages each; an abstention, which has no reference
    [
        (["faithfulness"], 2 * 2),
        (["answer_relevancy"], 2 * 3),
        (["context_precision"], 2 * 2),
        (["context_recall"], 2),
        (["answer_accuracy"], 2 * 2),
    ],
)
def test_ragas_calls_are_those_of_each_metric(bench, metrics, calls):
    judge = job(
        bench,
        lambda _: "",
        Path("unused"),
        kind="ragas",
        metrics=metrics,
        chunks=bench / "chunks.jsonl",
    )
    assert plan_job(judge).calls == calls


def test_without_predictions_nothing_is_known(bench):
    (bench / "predictions.jsonl").unlink()
    plan = plan_job(rubric(bench))
    assert not plan.ready
    [line, total] = plan_table([plan])
    assert line["models"] == "1"
    assert line["judgements"] == "no predictions yet"
    assert total["judge"] == "1 jobs that ask"
    assert total["cost_usd"] == "0.0000 and more"


def test_models_with_predictions_are_planned_before_the_others_have_some(bench):
    judge = rubric(bench)
    there = judge.predictions["m"]
    both = {"m": there, "n": bench / "not yet.jsonl"}
    plan = plan_job(replace(judge, models=("m", "n"), predictions=both))
    assert (plan.ready, plan.models, plan.calls) == (1, 2, 3)
    [line, total] = plan_table([plan])
    assert line["models"] == "1 of 2"
    assert total["cost_usd"] == "0.0000 and more"
