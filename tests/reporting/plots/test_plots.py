"""What holds for every plot: it is readable, it says what it rests on, and it is repeatable."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from made_up_results import made_up
from matplotlib.text import Text

from modellab.core.errors import InputError
from modellab.reporting.plots import PLOTS, load_plot
from modellab.reporting.plots.data import SOURCES, PlotData
from modellab.reporting.plots.drawing import write_plot
from modellab.reporting.plots.labels import short

ROWS = ("overall_ranking", "score_breakdown")


def texts(figure):
    """The texts that can be seen."""
    found = figure.findobj(lambda artist: isinstance(artist, Text) and artist.get_visible())
    return [text for text in found if text.get_text().strip()]


def shown(figure):
    return [text.get_text() for text in texts(figure)]


def caption(figure):
    return figure.get_supxlabel().replace("\n", " ")


def boxes(figure):
    """Where each text stands, its lines to a point left aside; labels of hidden ticks have none."""
    renderer = figure.canvas.get_renderer()
    found = [(text.get_text(), Text.get_window_extent(text, renderer)) for text in texts(figure)]
    return [(text, box) for text, box in found if _is_drawn(figure, text, box)]


def _is_drawn(figure, text, box):
    """Ticks beyond the scale, and tick labels that a shared axis switches off, are not drawn."""
    return (text, box.bounds) in figure.drawn_texts


def renamed(data, old, name):
    """The data with a model under another name, in every table too."""

    def new(text):
        return text.replace(old, name)

    return replace(
        data,
        models=tuple(
            replace(model, name=name) if model.name == old else model for model in data.models
        ),
        rows={new(key): rows for key, rows in data.rows.items()},
        predictions={new(key): rows for key, rows in data.predictions.items()},
        runs={new(key): run for key, run in data.runs.items()},
        tables={
            key: [{column: new(cell) for column, cell in row.items()} for row in rows]
            for key, rows in data.tables.items()
        },
    )


@pytest.fixture(autouse=True)
def record_drawn_texts(monkeypatch):
    """Note what is really drawn, and where."""
    draw = Text.draw

    def noting(self, renderer):
        noted = self.figure.get_figure(root=True).__dict__.setdefault("drawn_texts", set())
        if self.get_visible() and self.get_text().strip():
            noted.add((self.get_text(), Text.get_window_extent(self, renderer).bounds))
        draw(self, renderer)

    monkeypatch.setattr(Text, "draw", noting)


STRANGE = ("a$b_$x^{", "100%_%s\\frac{1}{2}", "\u05de\u05d5\u05d3\u05dc-7b", "x" * 200)
#: plots that show nothing without a table, or without answers that are right or wrong
NEEDING = (
    *("accuracy_by_type", "unique_wins", "calibration", "agreement_heatmap"),
    *("significance_matrix", "error_attribution", "retrieval_by_k", "latency_distribution"),
    *("memory_timeline", "metric_profile", "size_vs_energy", "judge_comparison"),
    "noise_budget",
)


def readable(figure):
    """No text covers another or leaves the figure."""
    found = boxes(figure)
    over = [(a, b) for (a, one), (b, two) in combinations(found, 2) if one.overlaps(two)]
    assert over == []
    page = figure.bbox
    outside = [t for t, box in found if not (page.x0 <= box.x0 and box.x1 <= page.x1)]
    outside += [t for t, box in found if not (page.y0 <= box.y0 and box.y1 <= page.y1)]
    assert outside == []
    return len(found) >= 3


@pytest.mark.parametrize("name", PLOTS)
def test_forty_systems_are_readable(name, drawn):
    assert readable(drawn(name, made_up(40, questions=40, retrievers=1)))


@pytest.mark.parametrize("name", PLOTS)
def test_names_are_text_and_not_formulas(name, drawn):
    data = made_up(4, retrievers=1)
    for model, strange in zip(data.models, STRANGE, strict=True):
        data = renamed(data, model.name, strange)
    figure = drawn(name, data)
    assert readable(figure)
    every = "\n".join(shown(figure))
    assert any(short(strange) in every for strange in STRANGE) or name == "retrieval_by_k"
    assert caption(figure).startswith(
        "wattbot-train: 88 questions, scorer v3 (missing rows: incorrect)."
    )
    assert figure.get_suptitle() == load_plot(name).title


@pytest.mark.parametrize("name", PLOTS)
def test_scores_alone_of_another_task_are_enough(name, models, drawn):
    plain = [
        replace(
            model,
            task="texts",
            correct=None,
            summaries=tuple(
                replace(s, metrics={"macro_f1": s.metrics["overall"]}) for s in model.summaries
            ),
        )
        for model in models(2, retrievers=2)
    ]
    figure = drawn(name, plain)
    assert readable(figure)
    assert ("nothing to show" in " ".join(shown(figure)).replace("\n", " ")) == (
        name in NEEDING
    ) or "cost" in name


def test_repeats_are_said(models, drawn):
    one, two = models(2)
    repeated = replace(one, summaries=tuple(replace(s, repeats=3) for s in one.summaries))
    assert "88 questions, up to 3 repeats," in caption(drawn("overall_ranking", [repeated, two]))


@pytest.mark.parametrize("name", PLOTS)
def test_the_same_models_give_the_same_bytes(name, models, tmp_path):
    for run in ("a", "b"):
        write_plot(
            load_plot(name),
            made_up(2, retrievers=1),
            [tmp_path / f"{run}.{suffix}" for suffix in ("png", "svg", "pdf")],
        )
    for suffix in ("png", "svg", "pdf"):
        one, other = (tmp_path / f"{run}.{suffix}" for run in ("a", "b"))
        assert one.read_bytes() == other.read_bytes()
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "a.svg").read_text().startswith("<?xml")
    pdf = (tmp_path / "a.pdf").read_bytes()
    assert pdf.startswith(b"%PDF")
    assert b"/FontFile2" in pdf  # a TrueType font, inside of the file
    assert b"/Type3" not in pdf
    assert b"CreationDate" not in pdf


@pytest.mark.parametrize("name", PLOTS)
def test_no_models_are_said(name, drawn):
    assert "No model has been scored, so there is nothing to show." in shown(drawn(name, []))


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("value", [None, float("nan")])
def test_a_score_that_is_not_there_has_no_bar_and_is_said(name, value, models, rescored, drawn):
    figure = drawn(name, rescored(models(2), "overall", value))
    assert shown(figure).count("n/a") == 1
    assert "n/a: no row could be scored" in caption(figure)


@pytest.mark.parametrize("name", ROWS)
def test_a_part_of_the_questions_is_said_in_the_row(name, models, drawn):
    one, two = models(2)
    part = replace(one.summaries[0], retriever="external", coverage=0.999)
    figure = drawn(name, [replace(one, llm_provider="submission", summaries=(part,)), two])
    assert f"{one.name} [submission, 99% covered]" in shown(figure)
    assert "% covered: the model has rows for this share" in caption(figure)


def test_an_unknown_plot_is_an_error():
    with pytest.raises(InputError, match="'pie' is not one"):
        load_plot("pie")


def test_every_plot_has_the_name_it_is_registered_with():
    assert [load_plot(name).name for name in PLOTS] == list(PLOTS)


def test_every_plot_names_sources_that_exist():
    named = {name for plot in PLOTS.values() for name in (*plot.needs, *plot.uses)}
    assert named <= set(SOURCES)


def test_the_settings_of_the_caller_are_left_alone(models, tmp_path):
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    write_plot(load_plot("overall_ranking"), made_up(1), [tmp_path / "a.png", tmp_path / "a.pdf"])
    assert dict(mpl.rcParams) == before


def test_a_plot_that_fails_leaves_the_old_files(models, tmp_path):
    png, svg = tmp_path / "a.png", tmp_path / "a.svg"
    png.write_text("old")
    one, two = models(2)
    data = PlotData((one, replace(two, scorer="v1")))
    with pytest.raises(InputError, match="compare models of one scorer only"):
        write_plot(load_plot("overall_ranking"), data, [png, svg])
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
    assert png.read_text() == "old"


def test_retrieval_by_depth_has_a_band_for_each_line(drawn):
    data = made_up(2, retrievers=3)
    figure = drawn("retrieval_by_k", data)
    assert all(len(axes.collections) == 3 for axes in figure.axes)
    assert "Bands: 95% confidence intervals (bootstrap percentile)." in caption(figure)
    bare = [{**row, "low": "", "high": ""} for row in data.table("retrieval")]
    figure = drawn("retrieval_by_k", replace(data, tables={"retrieval": bare}))
    assert not any(axes.collections for axes in figure.axes)
    assert "Bands" not in caption(figure)


def test_the_error_attribution_has_a_line_at_each_score(drawn):
    data = made_up(2, retrievers=2)
    figure = drawn("error_attribution", data)
    rows = [row for row in data.table("error_attribution") if row["component"] == "overall"]
    assert len(figure.axes[0].collections) == len(rows)
    assert "Lines: 95% intervals of the score." in caption(figure)
    assert "82 answerable questions" in figure.axes[0].get_xlabel()
    bare = [{**row, "retrieved_low": "", "retrieved_high": ""} for row in rows]
    without = drawn("error_attribution", replace(data, tables={"error_attribution": bare}))
    assert not without.axes[0].collections
    assert "intervals" not in caption(without)


def confident(data, *pairs):
    """The data of one model whose answers have these confidences and outcomes."""
    [name] = [model.name for model in data.models]
    rows, made = (list(table[name])[: len(pairs)] for table in (data.rows, data.predictions))
    marked = [{**row, "outcome": outcome} for row, (_, outcome) in zip(rows, pairs, strict=True)]
    sure = [{**row, "confidence": value} for row, (value, _) in zip(made, pairs, strict=True)]
    return replace(data, rows={name: marked}, predictions={name: sure})


def test_a_bin_of_confidence_has_wilsons_interval(drawn):
    """Four of four right: the share may still be 0.51."""
    data = confident(made_up(1, retrievers=1), *[(0.95, "right")] * 4)
    figure = drawn("calibration", data)
    lines = figure.axes[0].collections[0].get_segments()
    assert lines[0][0][1] == pytest.approx(0.5101, abs=1e-4)
    assert lines[0][1][1] == pytest.approx(1.0)


def test_the_calibration_error_by_hand(drawn):
    """Of bin 0.9 half are right: 0.4 off, weight 4/6; of bin 0.3 all are: 0.7 off, weight 2/6."""
    sure = [(0.9, "right"), (0.9, "wrong"), (0.9, "right"), (0.9, "hallucinated")]
    unsure = [(0.3, "right"), (0.3, "right")]
    data = confident(made_up(1, retrievers=1), *sure, *unsure, (None, "wrong"))
    assert "ECE 0.500, n = 6" in shown(drawn("calibration", data))


def test_unknown_costs_stand_apart_and_not_at_zero(models, drawn):
    figure = drawn("cost_vs_performance", models(4))
    strip = next(axes for axes in figure.axes if axes.get_xlabel() == "cost not known")
    panel = next(axes for axes in figure.axes if axes.get_xlabel().startswith("US dollars"))
    priced = [m for m in models(4) if m.summaries[0].estimated_cost_usd is not None]
    assert 0 < len(priced) < 4
    points = [line for line in panel.lines if len(line.get_xdata()) == 1]
    assert len(points) == 3 * len(priced)
    assert all(float(line.get_xdata()[0]) > 0 for line in points)
    assert sum(len(line.get_xdata()) == 1 for line in strip.lines) == 3 * (4 - len(priced))
    assert strip.get_ylim() == panel.get_ylim()
    assert "Cost not known (no price" in caption(figure)


def test_plots_of_speed_name_wall_clock_concurrency_and_other_work(models, drawn):
    told = caption(drawn("size_vs_latency", models(4)))
    assert "wall clock of generation / answers" in told
    assert "Answers under way at a time, on average: 4." in told
    assert "Timed while other work ran on the machine: " in told
    told = caption(drawn("latency_distribution", made_up(4)))
    assert "without failed requests" in told
    assert "Answers under way at a time, on average: 4." in told


def test_controls_compete_in_no_square_and_win_nothing(drawn):
    """Three models with bm25, dense and the oracle."""
    data = made_up(3)
    for name in ("significance_matrix", "unique_wins"):
        [axes] = drawn(name, data).axes
        names = [label.get_text() for label in axes.get_yticklabels()]
        assert len(names) == 6
        assert not any("oracle" in name for name in names)
    square = drawn("agreement_heatmap", data).axes[0]
    names = [label.get_text() for label in square.get_yticklabels()]
    assert [name.endswith(" (control)") for name in names] == [False] * 6 + [True] * 3


def test_no_priced_control_is_the_one_to_buy(drawn):
    data = made_up(4)
    figure = drawn("cost_vs_score", data)
    [told] = [line for line in figure.get_supxlabel().split(". ") if "No other is both" in line]
    assert "@" in told
    assert "oracle" not in told
