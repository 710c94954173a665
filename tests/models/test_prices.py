import pytest
from cases import each

from modellab.core.errors import InputError
from modellab.models.prices import Price, Prices, load_prices

CHEAP, DEAR = Price(input=0.15, output=0.6), Price(input=2.5, output=10)


def table(**models):
    return Prices(
        as_of="", prices={name.replace("_", "-"): price for name, price in models.items()}
    )


def test_a_known_sum():
    assert Price(input=3, output=15).cost(9_239_046, 92_757) == pytest.approx(29.108493, abs=1e-9)


def test_a_name_is_not_another_that_it_begins_with():
    assert load_prices().find("openai/gpt-4o-mini").input == 0.15
    assert load_prices().find("openai/gpt-4o").input == 2.5
    assert table(gpt_4o=DEAR).find("gpt-4o-mini") is None
    assert table(gpt_4o=DEAR).find("my-gpt-4o") is None
    assert table(gpt_4o_mini=CHEAP).find("gpt-4o") is None


@each(
    ("model", "price"),
    [
        ("gpt-4o-2024-08-06", DEAR),
        ("gpt-4o-latest", DEAR),
        ("gpt-4o-20240806-v1:0", DEAR),
        ("gpt-4o-mini-2024-07-18", CHEAP),
        ("gpt-4o-mini-audio", None),
        ("gpt-4o:free", None),
    ],
)
def test_a_version_has_the_price_of_the_longest_name(model, price):
    assert table(gpt_4o=DEAR, gpt_4o_mini=CHEAP).find(model) == price


def test_the_shipped_table():
    prices = load_prices()
    assert len(prices.prices) >= 20
    assert prices.as_of
    assert all(0 < price.input <= price.output for price in prices.prices.values())
    assert prices.find("bedrock/anthropic.claude-3-5-sonnet-20240620-v1:0").output == 15


@each(
    ("text", "message"),
    [
        ("as_of: '2026-01-01'\nprices: {m: {input: 1}}", r"prices.m.output: Field required"),
        ("as_of: '2026-01-01'\nprices: {m: {input: -1, output: 1}}", r"prices.m.input: Input"),
        ("{", "not valid YAML"),
        ("[]", "not a map of keys"),
        ("prices: {m: {}, m: {}}", r"prices.yaml:1: prices.m: duplicate key"),
        ("as_of: 2024-13-45", "prices.yaml:1: .*is read as a date"),
    ],
)
def test_what_is_no_price_table(tmp_path, text, message):
    path = tmp_path / "prices.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        load_prices(path)
    with pytest.raises(InputError, match="no such file"):
        load_prices(tmp_path / "none.yaml")
