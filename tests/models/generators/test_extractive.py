import json

import pytest
from cases import each

from modellab.core.records import Passage, Question, Request
from modellab.models.generators.extractive import (
    ExtractiveOptions,
    find_quantities,
    has_unit,
)

PASSAGES = (
    Passage(
        "a#1",
        "a",
        1,
        2.0,
        "Training GPT-3 used 1,287 MWh of electricity. It emitted 552 tonnes of CO2e. "
        "Four models were compared in 2021.",
        "Training costs",
    ),
    Passage("b#1", "b", 2, 1.0, "Meena needed 232 MWh. Google built the TPU chip.", "Meena"),
)


def answer(text, unit="is_blank", passages=PASSAGES, **options):
    entry = ExtractiveOptions(provider="extractive", **options)
    question = Question("q1", text, {"answer_unit": unit}, {}, ())
    with entry.open(0, {}) as model:
        [response] = model.answer([Request("k", question, "bm25", 1, passages, ())])
    assert response.key == "k"
    return json.loads(response.text)


def test_the_number_with_the_wanted_unit():
    found = answer("How much electricity did training GPT-3 use?", "MWh")
    assert (found["answer_value"], found["ref_id"]) == ("1287", ["a"])


def test_another_document():
    found = answer("How much did Meena need?", "MWh")
    assert (found["answer_value"], found["ref_id"]) == ("232", ["b"])


def test_a_name():
    assert answer("Who built the TPU chip?")["answer_value"] == "Google"


def test_a_unit_is_no_name():
    passages = (Passage("b#1", "b", 1, 1.0, "Meena needed 232 MWh at Google.", "Meena"),)
    assert answer("What needed Meena?", passages=passages)["answer_value"] == "Google"


@pytest.mark.parametrize(("number", "verdict"), [("1,287", "1"), ("999", "0")])
def test_a_claim(number, verdict):
    found = answer(f"True or False: Training GPT-3 used {number} MWh of electricity.")
    assert found["answer_value"] == verdict


def test_a_question_that_nothing_matches():
    found = answer("How many penguins live on the South Pole?", "penguins")
    assert (found["answer_value"], found["ref_id"]) == ("is_blank", "is_blank")


def test_no_passages_no_answer():
    assert answer("How much did Meena need?", "MWh", passages=())["answer_value"] == "is_blank"


def test_a_number_without_its_unit_counts_only_if_allowed():
    text = "How many models were compared?"
    assert answer(text, "GWh", threshold=0.0)["answer_value"] == "is_blank"
    # not the year, and not a number with another meaning further off
    assert answer("How much did Meena need?", "GWh", read_units=False)["answer_value"] == "232"


def test_the_threshold_decides_when_to_abstain():
    vague = "How much energy was used by the largest language model of all?"
    assert answer(vague, "MWh", threshold=0.9)["answer_value"] == "is_blank"
    assert answer(vague, "MWh", threshold=0.0)["answer_value"] != "is_blank"


@each(
    ("sentence", "texts"),
    [
        ("It used 1,287 MWh.", ["1287"]),
        ("Between 80 and 90 percent were saved.", ["[80,90]"]),
        ("A PUE of 1.10 in 2023.", ["1.1", "2023"]),
        ("It has 175 billion parameters.", ["175000000000"]),
        ("A trillion is 1 trillion, half is 0.5 or 4.0.", ["1000000000000", "0.5", "4"]),
        ("GPT-3 and LLaMA-65B are models.", []),
        ("From 90 to 80 it fell.", ["90"]),
        ("no number", []),
    ],
)
def test_numbers_and_ranges(sentence, texts):
    assert [quantity.text() for quantity in find_quantities(sentence)] == texts


@each(
    ("sentence", "unit", "expected"),
    [
        ("used 24 MWh of power", "MWh", True),
        ("used 24 megawatt-hours", "MWh", True),
        ("used 24 GWh of power", "MWh", False),
        ("used 3 metric tons", "t", True),
        ("emitted 552 tonnes of CO2", "tCO2e", True),
        ("a PUE of 1.1 was reached", "PUE", True),
        ("50 percent less", "%", True),
        ("it took 14.8 days", "days", True),
        ("it took 14.8 days", "", False),
    ],
)
def test_units(sentence, unit, expected):
    [quantity] = find_quantities(sentence)
    assert has_unit(quantity, unit) is expected
