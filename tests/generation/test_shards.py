import json
from dataclasses import replace

import pytest
from scripted_model import LOG, ScriptedOptions

from modellab.core.errors import InputError
from modellab.core.io.jsonl import read_json, write_json, write_rows
from modellab.core.records import Question
from modellab.core.retry_rounds import last_round
from modellab.generation.predict import PredictionJob, predict
from modellab.generation.shards import WHOLE, Shard, gather
from modellab.tasks import parse_task

NAMES = [f"q{n}" for n in range(1, 8)]


@pytest.fixture
def ask(tmp_path):
    """Ask in a number of shards; the rows, the record, and the questions that were asked."""
    write_rows(tmp_path / "questions.jsonl", [Question(n, f"{n}?", {}, {}, ()) for n in NAMES])
    prompt = tmp_path / "prompt.jinja"
    prompt.write_text("{% block user %}{{ question }}{% endblock %}")

    def ask(of, fails=(), again=0, **options):
        LOG.clear()
        script = {(name, 0): json.dumps({"answer_value": name}) for name in NAMES}
        whole = PredictionJob(
            model="m",
            dataset="quiz",
            options=ScriptedOptions(
                script={key: text for key, text in script.items() if key[0] not in fails}, **options
            ),
            task=parse_task("wattbot"),
            prompt=prompt,
            questions=tmp_path / "questions.jsonl",
            contexts=None,
            journal=tmp_path,
            seed=0,
            round=again,
        )
        parts = []
        for number in range(1, of + 1):
            shard = Shard(number, of)
            name = f"m{shard.suffix()}"
            folder = (tmp_path / name).parent
            folder.mkdir(exist_ok=True)
            journal = tmp_path / "journal" / f"{name}.jsonl"
            parts.append((folder / f"{shard.number}.jsonl", folder / f"{shard.number}.json"))
            predict(replace(whole, journal=journal, model=name), *parts[-1])
        out, run = tmp_path / "out.jsonl", tmp_path / "run.json"
        predictions, runs = zip(*parts, strict=True)
        gather(tmp_path / "questions.jsonl", predictions, runs, out, run)
        rows = [json.loads(line) for line in out.read_text().splitlines()]
        return rows, read_json(run), [name for name in LOG if name in NAMES]

    return ask


def test_shards_are_equal_parts_of_all():
    parts = [Shard(number, 3).part(NAMES) for number in (1, 2, 3)]
    assert parts == [["q1", "q4", "q7"], ["q2", "q5"], ["q3", "q6"]]
    assert WHOLE.part(NAMES) == NAMES
    assert Shard.parse("2-of-4") == Shard(2, 4)
    assert (Shard(2, 4).suffix(), WHOLE.suffix()) == ("/2-of-4", "")


def test_rows_are_those_of_one_job(ask):
    rows, record, asked = ask(3)
    assert sorted(asked) == NAMES
    assert [row["question_id"] for row in rows] == NAMES
    assert [row["answer"]["answer_value"] for row in rows] == NAMES
    assert (record["rows"], record["generated"], record["reused"]) == (7, 7, 0)
    assert record["statuses"]["answered"] == 7
    assert record["generated_tokens"] == 14
    assert [run["rows"] for run in record["runs"]] == [3, 2, 2]
    whole, of_one, _ = ask(1)
    measured = {"run", "seconds_per_answer"}
    for row, one in zip(rows, whole, strict=True):
        assert {n: v for n, v in row.items() if n not in measured} == {
            n: v for n, v in one.items() if n not in measured
        }
    assert record.keys() == of_one.keys()


@pytest.mark.parametrize("numbers", [(1, 3), (3, 1), (2, 5), (1, 7, 2), (9, 1)])
def test_another_number_asks_nothing_and_measures_the_same(ask, numbers):
    first, *others = numbers
    rows, record, _ = ask(first)
    seconds = sum(row["seconds_per_answer"] for row in rows)
    for number in others:
        again, later, asked = ask(number)
        assert asked == []
        assert later["reused"] == 7
        assert again == [
            {**row, "seconds_per_answer": pytest.approx(row["seconds_per_answer"])} for row in rows
        ]
        assert sum(row["seconds_per_answer"] for row in again) == pytest.approx(seconds)
        assert {run["run"]: run["rows"] for run in later["runs"]} == {
            run["run"]: run["rows"] for run in record["runs"]
        }
        assert sum(run["generated"] for run in later["runs"]) == 7


def test_failed_rows_are_those_of_their_shard(ask, tmp_path):
    rows, record, _ = ask(3, fails=["q2"])
    assert [row["status"] for row in rows].count("failed") == record["left_open"] == 1
    assert last_round(tmp_path / "journal/m/2-of-3.jsonl").open == 1
    assert last_round(tmp_path / "journal/m/1-of-3.jsonl").open == 0
    rows, record, asked = ask(3, again=1)
    assert asked == ["q2"]
    assert record["left_open"] == 0
    assert {row["status"] for row in rows} == {"answered"}


def test_repeats_stay_in_order(ask):
    rows, _, _ = ask(2, repeats=2)
    assert [(row["question_id"], row["repeat"]) for row in rows] == [
        (name, repeat) for name in NAMES for repeat in (1, 2)
    ]


def test_parts_of_other_weights_are_not_mixed(ask, tmp_path):
    ask(2)
    record = read_json(tmp_path / "m/2.json")
    write_json(tmp_path / "m/2.json", {**record, "fingerprint": {"name": "other"}})
    files = [[tmp_path / f"m/{n}.{end}" for n in (1, 2)] for end in ("jsonl", "json")]
    with pytest.raises(InputError, match="not answered by the same weights"):
        gather(tmp_path / "questions.jsonl", *files, tmp_path / "o", tmp_path / "r")
