"""One quantity of systems against another."""

from __future__ import annotations

from dataclasses import replace

import pytest
from made_up_results import made_up
from reporting.plots.conftest import only, plot_data

from modellab.reporting.plots import NothingToShow
from modellab.reporting.plots.trade_offs import TradeOff, _front, quantities

NAME = "size_vs_scores"


def caption(figure):
    return figure.get_supxlabel().replace("\n", " ")


def panels(figure):
    return {axes.get_title(loc="left"): axes for axes in figure.axes if axes.axison}


def points(axes):
    """The places of all points: seaborn draws each group as one collection."""
    drawn = [made for made in axes.collections if not hasattr(made, "get_segments")]
    return [tuple(map(float, place)) for made in drawn for place in made.get_offsets()]


def labels(axes):
    return [text.get_text() for text in axes.texts if text.get_visible()]


def test_a_panel_per_component_overall_first(models, sketched):
    found = panels(sketched(NAME, models(2)))
    assert list(found) == [
        "Overall score (n = 88)",
        "Value accuracy (n = 88)",
        "Reference overlap (n = 88)",
        "NA recall (n = 5)",
    ]
    assert {axes.get_xscale() for axes in found.values()} == {"log"}
    assert {axes.get_xlabel() for axes in found.values()} == {
        "Size in billions of parameters (log scale)"
    }


def test_points_are_at_size_and_score(models, sketched):
    one, two = models(2, retrievers=1)
    found = panels(sketched(NAME, [replace(one, size_b=7.0), replace(two, size_b=70.0)]))
    scores = [model.summaries[0].metrics["overall"].value for model in (one, two)]
    assert sorted(points(found["Overall score (n = 88)"])) == [
        (pytest.approx(7.0), pytest.approx(scores[0])),
        (pytest.approx(70.0), pytest.approx(scores[1])),
    ]


def test_equal_scores_of_two_retrievers_do_not_hide_one_another(models, sketched):
    (model,) = models(1, retrievers=1)
    twin = replace(model.summaries[0], retriever="twin")
    figure = sketched(NAME, [replace(model, summaries=(*model.summaries, twin))])
    assert len({x for x, _ in points(panels(figure)["Overall score (n = 88)"])}) == 2


def test_models_without_a_size_are_named(models, sketched):
    text = caption(sketched(NAME, models(7)))
    assert "Not shown (no size (size_b)): gpt-4o-mini-instruct-" in text


@pytest.mark.parametrize("size", [None, 0.0, float("nan")])
def test_no_sizes_at_all_is_nothing_to_show(size, models, sketched):
    with pytest.raises(NothingToShow, match="size_b"):
        sketched(NAME, [replace(model, size_b=size) for model in models(2)])


@pytest.mark.parametrize("value", [None, float("nan")])
def test_scores_that_are_not_there_are_named(value, models, rescored, sketched):
    figure = sketched(NAME, rescored(models(2), "na_recall", value))
    assert "Not shown in NA recall (no value): qwen2.5-instruct-00@bm25." in caption(figure)
    found = panels(figure)
    assert len(points(found["NA recall (n = 0 to 5)"])) == 5
    assert len(points(found["Overall score (n = 88)"])) == 6


def test_a_part_of_the_questions_is_named(models, sketched):
    one, two = models(2, retrievers=1)
    part = replace(one, summaries=(replace(one.summaries[0], coverage=0.5),))
    text = caption(sketched(NAME, [part, two]))
    assert "Only a part of the questions answered: qwen2.5-instruct-00@bm25 (50%)." in text


@pytest.mark.slow
def test_few_models_are_labelled_each_and_of_many_the_best(models, drawn):
    for axes in panels(drawn(NAME, models(3, retrievers=1))).values():
        assert len(labels(axes)) == len(set(labels(axes))) == 2
    given = models(40, retrievers=1)
    figure = drawn(NAME, given)
    sized = [model for model in given if model.size_b is not None]
    best = sorted(sized, key=lambda m: -m.summaries[0].metrics["overall"].value)[:6]
    assert set(labels(panels(figure)["Overall score (n = 88)"])) <= {m.name for m in best}
    assert "the 6 best models" in caption(figure)


def test_a_long_front_is_named_by_three_systems_and_a_number(models, sketched):
    text = caption(sketched("time_vs_score", models(40, retrievers=1)))
    front = text.split("Pareto front (contenders that no other beats in both): ")[1].split(".csv")[
        0
    ]
    assert "others (see leaderboard" in front
    assert front.count("@") <= 3


def test_an_interval_is_a_line_through_its_point(sketched):
    data = made_up(1, retrievers=1)
    axes = panels(sketched(NAME, data))["Overall score (n = 88)"]
    [row] = [row for row in data.tables["statistics"] if row["component"] == "overall"]
    [[(_, low), (_, high)]] = axes.collections[0].get_segments()
    assert (low, high) == (pytest.approx(float(row["low"])), pytest.approx(float(row["high"])))


def test_quantities_by_hand(models):
    """88 questions, one of them missing; 0.87 dollars for 87 answers are 10 per 1,000."""
    (model,) = models(1, retrievers=1)
    summary = replace(
        model.summaries[0],
        statuses={"answered": 87, "abstained": 0, "unparsed": 0, "failed": 0, "missing": 1},
        estimated_cost_usd=0.87,
        seconds_per_answer=0.25,
    )
    [row] = quantities(plot_data(only([replace(model, summaries=(summary,))]))).to_dict("records")
    assert (row["cost"], row["seconds"], row["size"]) == (pytest.approx(10.0), 0.25, 0.5)
    assert row["energy"] != row["energy"]  # not metered is not 0


def test_unknown_costs_are_apart_and_not_at_zero(models, sketched):
    figure = sketched("cost_vs_performance", models(4))
    strip = next(axes for axes in figure.axes if axes.get_xlabel() == "cost not known")
    panel = next(axes for axes in figure.axes if axes.get_xlabel().startswith("US dollars"))
    priced = [m for m in models(4) if m.summaries[0].estimated_cost_usd is not None]
    assert 0 < len(priced) < 4
    assert len(points(panel)) == 3 * len(priced)
    assert all(x > 0 for x, _ in points(panel))
    assert len(points(strip)) == 3 * (4 - len(priced))
    assert strip.get_ylim() == panel.get_ylim()


def test_the_pareto_front_has_no_control_and_no_dominated_system(models):
    data = plot_data(only(models(4)))
    known = quantities(data).dropna(subset=["cost", "score"])
    front = _front(known, TradeOff("cost", "score"))
    assert not front["control"].any()
    assert front["cost"].is_monotonic_increasing
    assert front["score"].is_monotonic_increasing
    for _, row in known[~known["control"]].iterrows():
        beaten = (front["cost"] <= row["cost"]) & (front["score"] >= row["score"])
        assert beaten.any()


def test_plots_of_speed_name_wall_clock_concurrency_and_other_work(models, sketched):
    text = caption(sketched("size_vs_latency", models(4)))
    assert "wall clock of generation / answers" in text
    assert "Concurrent answers, on average: 4." in text
    assert "Timed while other work ran: " in text
    text = caption(sketched("latency_distribution", made_up(4)))
    assert "without failed requests" in text
    assert "Concurrent answers, on average: 4." in text


def test_ticks_are_what_they_say(models, sketched):
    """2.5 % is not "2 %"."""
    axes = sketched("refusal_rates", models(2)).axes[0]
    for tick, label in zip(axes.get_xticks(), axes.get_xticklabels(), strict=True):
        assert float(label.get_text().rstrip("%")) == pytest.approx(100 * tick)


def test_a_score_without_any_value_has_no_panel(models, rescored, sketched):
    bare = [
        one for model in models(2, retrievers=1) for one in rescored([model], "na_recall", None)
    ]
    figure = sketched(NAME, bare)
    assert "NA recall (n = 5)" not in panels(figure)
    assert "Scores without a value: NA recall." in caption(figure)
