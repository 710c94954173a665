"""Charts with a row per system: ranking, breakdown, wins, attribution, calibration, squares."""

from __future__ import annotations

from dataclasses import replace

import pytest
from made_up_results import made_up
from reporting.plots.conftest import only, plot_data

from modellab.reporting.plots import PLOTS
from modellab.reporting.plots.drawing import figure_of


def caption(figure):
    return figure.get_supxlabel().replace("\n", " ")


def names(axes):
    return [label.get_text() for label in axes.get_yticklabels()]


def lengths(axes):
    """The bars by row: they are drawn by colour."""
    return [bar.get_width() for bar in sorted(axes.patches, key=lambda bar: bar.get_y())]


def test_rows_are_best_first_with_their_values(models, sketched):
    figure = sketched("overall_ranking", models(6))
    axes = figure.axes[0]
    # two retrievers compete, the oracle is a control
    contenders, controls = lengths(axes)[:12], lengths(axes)[12:]
    assert contenders == sorted(contenders, reverse=True)
    assert controls == sorted(controls, reverse=True)
    assert ["(control)" in name for name in names(axes)] == [False] * 12 + [True] * 6
    assert max(controls) > min(contenders)
    [line] = [line for line in axes.lines if line.get_linestyle() != "-"]
    assert list(line.get_ydata()) == [11.5, 11.5]
    assert "Controls are reference points and not ranked." in caption(figure)
    assert [text.get_text() for text in axes.texts] == [f"{one:.3f}" for one in lengths(axes)]
    assert axes.get_ylim()[0] > axes.get_ylim()[1]  # the first row is on top
    assert axes.get_xlim() == (0, 1)


@pytest.mark.parametrize(("count", "has_legend"), [(1, False), (3, True)])
def test_a_legend_only_where_colours_differ(count, has_legend, models, sketched):
    axes = sketched("overall_ranking", models(count)).axes[0]
    assert (axes.get_legend() is not None) == has_legend


def test_the_figure_grows_with_the_rows(models, sketched):
    few, many = sketched("overall_ranking", models(4)), sketched("overall_ranking", models(40))
    grown = (many.get_figheight() - few.get_figheight()) / ((40 - 4) * 3)
    assert grown == pytest.approx(0.26)


@pytest.mark.parametrize("count", [2, 6])
def test_the_breakdown_has_a_panel_per_component(count, models, sketched):
    figure = sketched("score_breakdown", models(count))
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == ["Value accuracy", "Reference overlap", "NA recall", "Overall score"]
    value, ref, na, overall = (lengths(axes) for axes in figure.axes)
    weighted = [0.75 * v + 0.15 * r + 0.1 * n for v, r, n in zip(value, ref, na, strict=True)]
    assert weighted == pytest.approx(overall)  # each row is one model in all panels


def test_retrievers_alone_are_named_once_and_compared_in_one_column(models, sketched):
    (model,) = models(1)
    alone = only([replace(model, name=s.retriever, summaries=(s,)) for s in model.summaries[:2]])
    ranking = sketched("overall_ranking", alone).axes[0]
    assert sorted(names(ranking)) == sorted(s.retriever for s in model.summaries[:2])
    heat = sketched("metric_heatmap", alone).axes[0]
    assert [label.get_text() for label in heat.get_xticklabels()] == [""]


def test_scores_and_systems_without_intervals_are_named(sketched):
    data = made_up(2, retrievers=1)
    rows = data.tables["statistics"]
    some = [row for row in rows if row["component"] != "na_recall" and "qwen" in row["system"]]
    text = caption(sketched("score_breakdown", replace(data, tables={"statistics": some})))
    assert "Lines: 95% confidence intervals (percentile bootstrap)." in text
    assert "Scores without intervals: NA recall." in text
    assert "Without an interval: llama-3.1-instruct-01@bm25." in text
    text = caption(sketched("score_breakdown", replace(data, tables={})))
    assert "Without intervals: there are no statistics of these scores." in text


def test_retrieval_by_depth_has_a_band_for_each_line(sketched):
    data = made_up(2, retrievers=3)
    figure = sketched("retrieval_by_k", data)
    panels = [axes for axes in figure.axes if axes.axison]
    assert all(len(axes.collections) == 3 for axes in panels)
    assert "Bands: 95% confidence intervals (bootstrap percentile)." in caption(figure)
    bare = [{**row, "low": "", "high": ""} for row in data.tables["retrieval"]]
    # a retriever may have the name of the families without a colour
    bare += [{**row, "retriever": "other"} for row in bare if row["retriever"] == "bm25"]
    figure = sketched("retrieval_by_k", replace(data, tables={"retrieval": bare}))
    assert not any(axes.collections for axes in figure.axes)
    assert "Bands" not in caption(figure)


def test_the_error_attribution_has_a_line_at_each_score(sketched):
    data = made_up(2, retrievers=2)
    figure = sketched("error_attribution", data)
    rows = [row for row in data.tables["error_attribution"] if row["component"] == "overall"]
    ends = [segment for made in figure.axes[0].collections for segment in segments(made)]
    for row in rows:
        low, high = float(row["retrieved_low"]), float(row["retrieved_high"])
        assert any((a, b) == pytest.approx((low, high)) for (a, _), (b, _) in ends)
    assert "Lines: 95% intervals of the score." in caption(figure)
    assert "82 answerable questions" in figure.axes[0].get_xlabel()


def segments(collection):
    return getattr(collection, "get_segments", list)()


def confident(data, *pairs):
    """The data of one model with answers of these confidences and outcomes."""
    [name] = [model.name for model in data.models]
    rows, made = (list(table[name])[: len(pairs)] for table in (data.rows, data.predictions))
    marked = [{**row, "outcome": outcome} for row, (_, outcome) in zip(rows, pairs, strict=True)]
    sure = [{**row, "confidence": value} for row, (value, _) in zip(made, pairs, strict=True)]
    return replace(data, rows={name: marked}, predictions={name: sure})


def test_a_bin_of_confidence_has_wilsons_interval(sketched):
    """Four of four right: the share may still be 4 / (4 + 2.776^2), by Student's t of four."""
    data = confident(made_up(1, retrievers=1), *[(0.95, "right")] * 4)
    figure = sketched("calibration", data)
    lines = [line for axes in figure.axes for made in axes.collections for line in segments(made)]
    assert lines[0][0][1] == pytest.approx(0.3417, abs=1e-4)
    assert lines[0][1][1] == pytest.approx(1.0)


def test_the_calibration_error_by_hand(sketched):
    """Of bin 0.9 half are right: 0.4 off, weight 4/6; of bin 0.3 all are: 0.7 off, weight 2/6."""
    sure = [(0.9, "right"), (0.9, "wrong"), (0.9, "right"), (0.9, "hallucinated")]
    unsure = [(0.3, "right"), (0.3, "right")]
    data = confident(made_up(1, retrievers=1), *sure, *unsure, (None, "wrong"))
    figure = sketched("calibration", data)
    assert "ECE 0.500, n = 6" in [text.get_text() for axes in figure.axes for text in axes.texts]


def test_controls_compete_in_no_square_and_win_nothing(sketched):
    """Three models with bm25, dense and the oracle."""
    data = made_up(3)
    [axes] = sketched("significance_matrix", data).axes
    assert len(names(axes)) == 6
    assert not any("oracle" in name for name in names(axes))
    assert not any("oracle" in name for name in names(sketched("unique_wins", data).axes[0]))
    square = sketched("agreement_heatmap", data).axes[0]
    assert [name.endswith(" (control)") for name in names(square)] == [False] * 6 + [True] * 3


def test_unique_wins_by_hand(sketched):
    """The first is right on all eight questions, the others on none."""
    data = made_up(3, retrievers=1, questions=15)
    systems = [f"{model.name}@bm25" for model in data.models]
    wins = [
        {"system": one, "unique_wins": "8" if one == systems[0] else "0", "n": "8"}
        for one in systems
    ]
    patterns = [{"pattern": "unique_win"}] * 8
    tables = {"unique_wins": wins, "questions_by_difficulty": patterns}
    figure = sketched("unique_wins", replace(data, tables=tables))
    assert names(figure.axes[0])[0].startswith(data.models[0].name)
    assert lengths(figure.axes[0]) == [8.0, 0.0, 0.0]
    assert "one system alone is right on 8, all 3 on 0, none on 0" in caption(figure)


def test_the_points_of_others_that_may_be_the_best_are_hollow(models):
    data = plot_data(only(models(3, retrievers=1)))
    board = data.table("leaderboard")
    board["may_be_best"] = ["True", "False", "True"]
    figure, lines = figure_of(PLOTS.load("overall_scores"), data)
    points = figure.axes[0].collections[-1].get_facecolors().tolist()
    assert [point == [1.0, 1.0, 1.0, 1.0] for point in points] == [False, False, True]
    assert "Hollow: may be the best as well, by the tests." in lines


def test_a_confusion_matrix_has_a_panel_per_system_with_its_kappa(sketched):
    data = made_up(2, retrievers=1)
    systems = [(model.name, model.summaries[0].retriever) for model in data.models]
    counts = {("bad", "bad"): 7, ("bad", "good"): 2, ("good", "good"): 5}
    confusion = [
        {"model": model, "retriever": retriever, "true": true, "given": given}
        | {"count": counts.get((true, given), 0)}
        for model, retriever in systems
        for true in ("bad", "good")
        for given in ("bad", "good", "(none)")
    ]
    kappa = {"metric": "truth_kappa", "system_a": systems[0][0], "system_b": ""}
    agreement = [kappa | {"value": 0.71, "low": 0.4, "high": 0.9}]
    tables = {"confusion": confusion, "label_agreement": agreement}
    figure = sketched("confusion_matrix", replace(data, tables=tables))
    panels = [axes for axes in figure.axes if axes.axison]
    assert [[text.get_text() for text in axes.texts] for axes in panels] == [
        ["7", "2", "0", "0", "5", "0"]
    ] * 2
    assert sum("kappa 0.71 (0.40 to 0.90)" in axes.get_xlabel() for axes in panels) == 1
    assert names(panels[0]) == ["bad", "good"]
