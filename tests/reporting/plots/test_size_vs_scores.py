from __future__ import annotations

from dataclasses import replace

import pytest
from made_up_results import made_up

NAME = "size_vs_scores"


def caption(figure):
    return figure.get_supxlabel().replace("\n", " ")


def panels(figure):
    return {axes.get_title(loc="left"): axes for axes in figure.axes if axes.axison}


def labels(axes):
    return [text.get_text() for text in axes.texts]


def test_a_panel_per_component_overall_first(models, drawn):
    found = panels(drawn(NAME, models(2)))
    assert list(found) == [
        "Overall score (n = 88)",
        "Value accuracy (n = 88)",
        "Reference overlap (n = 88)",
        "NA recall (n = 5)",
    ]
    assert {axes.get_xscale() for axes in found.values()} == {"log"}


def test_points_stand_at_size_and_score(models, drawn):
    one, two = models(2, retrievers=1)
    axes = panels(drawn(NAME, [replace(one, size_b=7.0), replace(two, size_b=70.0)]))
    overall = axes["Overall score (n = 88)"]
    points = sorted((line.get_xdata()[0], line.get_ydata()[0]) for line in overall.lines)
    scores = [model.summaries[0].metrics["overall"].value for model in (one, two)]
    assert points == [
        (pytest.approx(7.0), pytest.approx(scores[0])),
        (pytest.approx(70.0), pytest.approx(scores[1])),
    ]


def test_local_models_are_squares_and_others_circles(models, drawn):
    api, local = models(2, retrievers=1)
    assert (api.local, local.local) == (False, True)
    overall = panels(drawn(NAME, [api, local]))["Overall score (n = 88)"]
    markers = {line.get_ydata()[0]: line.get_marker() for line in overall.lines}
    assert markers[api.summaries[0].metrics["overall"].value] == "o"
    assert markers[local.summaries[0].metrics["overall"].value] == "s"


def test_equal_scores_of_two_retrievers_do_not_hide_one_another(models, drawn):
    (model,) = models(1, retrievers=1)
    twin = replace(model.summaries[0], retriever="twin")
    figure = drawn(NAME, [replace(model, summaries=(*model.summaries, twin))])
    places = [line.get_xdata()[0] for line in panels(figure)["Overall score (n = 88)"].lines]
    assert len(set(places)) == 2


def test_models_without_a_size_are_named(models, drawn):
    figure = drawn(NAME, models(7))
    assert "Not shown (no size): gpt-4o-mini-instruct-02, gpt-4o-mini-instruct-06." in caption(
        figure
    )


@pytest.mark.parametrize("size", [None, 0.0, float("nan")])
def test_no_sizes_at_all_is_said(size, models, drawn):
    figure = drawn(NAME, [replace(model, size_b=size) for model in models(2)])
    assert labels(figure.axes[0]) == ["No model has a size (size_b), so there is nothing to show."]
    assert "Not shown (no size): qwen2.5-instruct-00, llama-3.1-instruct-01." in caption(figure)


@pytest.mark.parametrize("value", [None, float("nan")])
def test_scores_that_are_not_there_are_named(value, models, rescored, drawn):
    figure = drawn(NAME, rescored(models(2), "na_recall", value))
    assert "Not shown in NA recall (no value): qwen2.5-instruct-00@bm25." in caption(figure)
    found = panels(figure)
    assert len(found["NA recall (n = 0 to 5)"].lines) == 5
    assert len(found["Overall score (n = 88)"].lines) == 6


def test_a_part_of_the_questions_is_named(models, drawn):
    one, two = models(2, retrievers=1)
    part = replace(one, summaries=(replace(one.summaries[0], coverage=0.5),))
    text = caption(drawn(NAME, [part, two]))
    assert "Rows for a part of the questions only: qwen2.5-instruct-00@bm25 (50%)." in text


def test_few_models_have_a_label_each(models, drawn):
    figure = drawn(NAME, models(6))
    for axes in panels(figure).values():
        assert len(labels(axes)) == len(set(labels(axes))) == 5
    told = "Labelled: each model at its best score as a contender. Hollow: controls, not ranked."
    assert told in caption(figure)
    for axes in panels(figure).values():
        hollow = [line for line in axes.lines if line.get_markerfacecolor() == "white"]
        assert len(hollow) == 5


def test_of_many_models_the_best_have_a_label(models, drawn):
    given = models(40, retrievers=1)
    figure = drawn(NAME, given)
    sized = [model for model in given if model.size_b is not None]
    best = sorted(sized, key=lambda m: -m.summaries[0].metrics["overall"].value)[:6]
    found = labels(panels(figure)["Overall score (n = 88)"])
    assert sorted(found) == sorted(model.name for model in best)
    assert "Labelled: the 6 best models." in caption(figure)


def test_an_interval_is_a_line_through_its_point(drawn):
    data = made_up(1, retrievers=1)
    axes = panels(drawn(NAME, data))["Overall score (n = 88)"]
    [row] = [row for row in data.tables["statistics"] if row["component"] == "overall"]
    [[(_, low), (_, high)]] = axes.collections[0].get_segments()
    assert (low, high) == (pytest.approx(float(row["low"])), pytest.approx(float(row["high"])))
    assert "95% confidence intervals (percentile bootstrap)" in caption(drawn(NAME, data))
