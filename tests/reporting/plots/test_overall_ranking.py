from __future__ import annotations

import pytest


def test_rows_stand_best_first_with_their_values(models, drawn):
    figure = drawn("overall_ranking", models(6))
    axes = figure.axes[0]
    lengths = [bar.get_width() for bar in axes.patches]
    # two retrievers compete, the oracle is a control
    contenders, controls = lengths[:12], lengths[12:]
    assert contenders == sorted(contenders, reverse=True)
    assert controls == sorted(controls, reverse=True)
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert ["control]" in name for name in names] == [False] * 12 + [True] * 6
    assert max(controls) > min(contenders)
    [line] = [line for line in axes.lines if line.get_linestyle() != "-"]
    assert list(line.get_ydata()) == [11.5, 11.5]
    assert "Control: a reference point, not ranked." in figure.get_supxlabel()
    assert [text.get_text() for text in axes.texts] == [f"{length:.3f}" for length in lengths]
    assert axes.get_ylim()[0] > axes.get_ylim()[1]  # the first row is on top
    assert axes.get_xlim() == (0, 1)


def test_a_row_is_named_by_model_retriever_and_origin(models, drawn):
    figure = drawn("overall_ranking", models(2, retrievers=1))
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert sorted(names) == [
        "llama-3.1-instruct-01 @ bm25 [local]",
        "qwen2.5-instruct-00 @ bm25 [API]",
    ]


@pytest.mark.parametrize(("retrievers", "has_legend"), [(1, False), (3, True)])
def test_a_legend_only_where_colours_differ(retrievers, has_legend, models, drawn):
    axes = drawn("overall_ranking", models(2, retrievers=retrievers)).axes[0]
    assert (axes.get_legend() is not None) == has_legend


def test_the_figure_grows_with_the_rows(models, drawn):
    few, many = drawn("overall_ranking", models(2)), drawn("overall_ranking", models(40))
    grown = (many.get_figheight() - few.get_figheight()) / ((40 - 2) * 3)
    assert grown == pytest.approx(0.26)
