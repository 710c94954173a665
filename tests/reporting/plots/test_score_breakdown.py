from __future__ import annotations

from dataclasses import replace

import pytest


def test_few_rows_stand_in_groups(models, drawn):
    figure = drawn("score_breakdown", models(2))
    (axes,) = figure.axes
    assert len(axes.patches) == 2 * 3 * 4
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names == [
        "Value accuracy (n = 88)",
        "Reference overlap (n = 88)",
        "NA recall (n = 5)",
        "Overall score (n = 88)",
    ]


def test_many_rows_stand_in_panels_in_the_same_order(models, drawn):
    figure = drawn("score_breakdown", models(6))
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == ["Value accuracy", "Reference overlap", "NA recall", "Overall score"]
    overall = [bar.get_width() for bar in figure.axes[-1].patches]
    # two retrievers compete, the oracle is a control
    blocks = overall[:12], overall[12:]
    assert blocks == tuple(sorted(block, reverse=True) for block in blocks)
    value, ref, na, _ = ([bar.get_width() for bar in axes.patches] for axes in figure.axes)
    weighted = [0.75 * v + 0.15 * r + 0.1 * n for v, r, n in zip(value, ref, na, strict=True)]
    assert weighted == pytest.approx(overall)  # each row is one model in all panels


def test_counts_that_differ_are_a_range(models, drawn):
    one, two = models(2)
    summary = one.summaries[0]
    fewer = {**summary.metrics, "na_recall": replace(summary.metrics["na_recall"], n_scored=2)}
    changed = replace(one, summaries=(replace(summary, metrics=fewer), *one.summaries[1:]))
    (axes,) = drawn("score_breakdown", [changed, two]).axes
    assert "NA recall (n = 2 to 5)" in [text.get_text() for text in axes.get_legend().get_texts()]
