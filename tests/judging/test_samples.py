"""What a judge reads of a question with several right answers."""

import judge_samples
from judge_samples import write_benchmark

from modellab.core.records import Question
from modellab.judging.samples import read_samples
from modellab.tasks import canonical_answer


def references(folder, question):
    write_benchmark(folder, {"q1": "It took 1287 MWh."}, [question])
    samples = read_samples(
        folder / "questions.jsonl", folder / "predictions.jsonl", {}, canonical_answer("wattbot")
    )
    return [sample.reference for sample in samples]


def test_all_right_answers_are_shown(tmp_path):
    asked = Question("q1", "How much?", {}, {"answer": "1287 MWh"}, (), other_answers=("1.3 GWh",))
    assert references(tmp_path / "a", asked) == ["1287 MWh\nor: 1.3 GWh"]
    value = {"answer_value": "1287", "answer_unit": "MWh"}
    asked = Question("q1", "How much?", {}, value, (), other_answers=("1288", "1289"))
    assert references(tmp_path / "b", asked) == ["1287 MWh\nor: 1288\nor: 1289"]
    assert references(tmp_path / "c", judge_samples.QUESTIONS[0]) == ["1287 MWh"]
