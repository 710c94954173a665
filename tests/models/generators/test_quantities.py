import pytest

from modellab.models.generators.quantities import find_quantities, has_unit, number_text


@pytest.mark.parametrize(
    ("sentence", "texts"),
    [
        ("It used 1,287 MWh.", ["1287"]),
        ("Between 80 and 90 percent were saved.", ["[80,90]"]),
        ("A PUE of 1.10 in 2023.", ["1.1", "2023"]),
        ("It has 175 billion parameters.", ["175000000000"]),
        ("GPT-3 and LLaMA-65B are models.", []),
        ("From 90 to 80 it fell.", ["90"]),
        ("no number", []),
    ],
)
def test_numbers_and_ranges(sentence, texts):
    assert [quantity.text() for quantity in find_quantities(sentence)] == texts


@pytest.mark.parametrize(
    ("sentence", "unit", "expected"),
    [
        ("used 24 MWh of power", "MWh", True),
        ("used 24 megawatt-hours", "MWh", True),
        ("used 24 GWh of power", "MWh", False),
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


@pytest.mark.parametrize(("value", "text"), [(1e12, "1000000000000"), (0.5, "0.5"), (4.0, "4")])
def test_number_text(value, text):
    assert number_text(value) == text
