"""The order of rows, of files and of judges changes no number of any table."""

import random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from judgement_rows import judged

from modellab.core.io.csv_file import read_csv
from modellab.core.io.jsonl import write_rows
from modellab.core.layout import JUDGE_TABLES
from modellab.judging.tables import JudgeStudy, write_judge_tables

JUDGES = {"a": ("rubric", "x"), "b": ("rubric", "y"), "r": ("ragas", None)}
MODELS = {"m1": "x", "m2": "y", "m3": None}
QUESTIONS = [f"q{number}" for number in range(6)]


def rows_of(judge, model, source):
    """Judgements of one model: two repeats, some failed, of two metrics and of pairs."""
    kind, family = JUDGES[judge]
    found = []
    for question in QUESTIONS:
        for repeat in (1, 2):
            lost = source.random() < 0.15
            top = source.choice([1.0, 2.0, 3.0, 4.0, 5.0] if kind == "rubric" else [0.1, 0.7, 1.0])
            found.append(
                judged(
                    judge,
                    model,
                    question,
                    None if lost else top,
                    metric="faithfulness" if kind == "ragas" else "correctness",
                    kind=kind,
                    family=family,
                    judge_repeat=repeat,
                    words=source.randint(1, 30),
                    reason="parse" if lost else None,
                    seconds=source.random(),
                    cost=source.random() / 7,
                )
            )
        if kind == "rubric":
            for shown in ("first", "second"):
                value = source.choice([0.0, 0.5, 1.0])
                pair = {"metric": "pairwise", "other": "m2", "shown": shown, "family": family}
                found.append(judged(judge, model, question, value, **pair))
    return found


def tables(folder, files, judges):
    folder.mkdir(exist_ok=True)
    written = {judge: folder / f"{judge}.jsonl" for judge, _ in files}
    for judge, rows in files:
        write_rows(written[judge], [one.row for one in rows])
    study = JudgeStudy(
        judges=judges,
        judgements=written,
        families=MODELS,
        labels=folder.parent / "labels.csv",
        min_coverage=0.9,
        method="mean",
        weighted=True,
    )
    out = {name: folder / f"{name}.csv" for name in ("judge_scores", *JUDGE_TABLES)}
    write_judge_tables(study, out)
    return {name: sorted_rows(path) for name, path in out.items()}


def sorted_rows(path):
    return sorted(tuple(row.items()) for row in read_csv(path).rows)


def write_labels(folder, source):
    lines = ["question_id,model,metric,value"]
    lines += [
        f"{question},{model},correctness,{source.randint(1, 5)}"
        for question in QUESTIONS
        for model in MODELS
    ]
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")


@pytest.mark.slow
@settings(
    max_examples=4,
    deadline=None,
    # making a counterexample smaller would take minutes
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.randoms(use_true_random=False), st.integers(0, 50))
def test_shuffled_rows_give_the_same_tables(tmp_path, shuffling, seed):
    source = random.Random(seed)
    files = [
        (judge, [row for model in MODELS for row in rows_of(judge, model, source)])
        for judge in JUDGES
    ]
    judges = {rows[0].judge.name: rows[0].judge for _, rows in files}
    write_labels(tmp_path, source)
    before = tables(tmp_path / "one", files, judges)
    assert all(before[name] for name in ("agreement", "alpha", "human", "consensus", "rankings"))
    assert all(before[name] for name in ("position_bias", "length_bias", "self_preference"))

    mixed = [(judge, shuffling.sample(rows, len(rows))) for judge, rows in files]
    shuffling.shuffle(mixed)
    names = shuffling.sample(list(judges), len(judges))
    after = tables(tmp_path / "two", mixed, {name: judges[name] for name in names})
    assert after == before
