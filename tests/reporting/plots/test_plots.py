"""Every plot is readable and repeatable, and shows the counts that it is made of."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations

import pytest
from made_up_results import made_up
from matplotlib.text import Text
from reporting.plots.conftest import only, plot_data

from modellab.core.errors import InputError
from modellab.reporting.plots import PLOTS, NothingToShow, expected_plots, sources_of
from modellab.reporting.plots.drawing import draw_plots, figure_of
from modellab.reporting.plots.words import listed, short

ROWS = ("overall_ranking", "score_breakdown")


def quick(*few):
    """All plots; a few are in the contributor's lane."""
    return [name if name in few else pytest.param(name, marks=pytest.mark.slow) for name in PLOTS]


def texts(figure):
    """The texts that can be seen."""
    found = figure.findobj(lambda artist: isinstance(artist, Text) and artist.get_visible())
    return [text for text in found if text.get_text().strip()]


def shown(figure):
    return [text.get_text() for text in texts(figure)]


def caption(figure):
    return figure.get_supxlabel().replace("\n", " ")


def boxes(figure):
    """The box of each text without its line to a point; labels of hidden ticks are left out."""
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
    """Record each drawn artist and its place."""
    draw = Text.draw

    def noting(self, renderer):
        noted = self.figure.get_figure(root=True).__dict__.setdefault("drawn_texts", set())
        if self.get_visible() and self.get_text().strip():
            noted.add((self.get_text(), Text.get_window_extent(self, renderer).bounds))
        draw(self, renderer)

    monkeypatch.setattr(Text, "draw", noting)


STRANGE = ("a$b_$x^{", "100%_%s\\frac{1}{2}", "\u05de\u05d5\u05d3\u05dc-7b", "x" * 200)
#: the first lines of names of 12 to 57 letters
LONG = "a-model-with-a-name-of-fifty-seven-letters-quantised-q4km"
#: plots that are drawn from the leaderboard alone, of any task
ANY_TASK = ("overall_ranking", "overall_scores", "score_breakdown", "metric_heatmap")


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


@pytest.mark.slow
@pytest.mark.parametrize("name", list(PLOTS))
@pytest.mark.parametrize("count", [6, 40])
def test_systems_with_long_names_are_readable(name, count, drawn):
    data = made_up(count, questions=40, retrievers=1)
    for place, model in enumerate(data.models):
        letters = 12 + place * 7 % 46
        data = renamed(data, model.name, f"{LONG[:letters]}{place}"[-57:])
    assert readable(drawn(name, data))


@pytest.mark.parametrize("name", quick("overall_ranking", "size_vs_scores", "agreement_heatmap"))
def test_names_are_text_and_not_formulas(name, drawn):
    data = made_up(4, retrievers=1)
    for model, strange in zip(data.models, STRANGE, strict=True):
        data = renamed(data, model.name, strange)
    figure = drawn(name, data)
    assert readable(figure)
    every = "\n".join(shown(figure))
    quiet = ("retrieval_by_k", "size_vs_energy")
    assert any(short(strange, 30) in every for strange in STRANGE) or name in quiet
    assert caption(figure).startswith("wattbot-train: 88 questions.")
    assert figure.get_suptitle() == PLOTS.load(name).title


def test_plots_of_another_task_without_tables_are_drawn_or_left_out(models, drawn):
    plain = [
        replace(
            model,
            task="texts",
            correct=None,
            size_b=None,
            summaries=tuple(
                replace(s, metrics={"macro_f1": s.metrics["overall"]}, estimated_cost_usd=None)
                for s in model.summaries
            ),
        )
        for model in models(2, retrievers=2)
    ]
    left_out = set()
    for name in PLOTS:
        try:
            assert readable(drawn(name, plain)), name
        except NothingToShow:
            left_out.add(name)
    assert set(PLOTS) - left_out == {*ANY_TASK, "time_vs_score", "refusal_rates"}


def test_a_plot_without_data_is_no_part_of_the_index(models, tmp_path):
    files = {name: [tmp_path / f"{name}.svg"] for name in ("overall_ranking", "size_vs_cost")}
    plain = [replace(model, size_b=None) for model in models(2)]
    draw_plots(plot_data(only(plain)), files, tmp_path / "index.json")
    index = json.loads((tmp_path / "index.json").read_text())
    assert list(index["shown"]) == ["overall_ranking"]
    assert index["shown"]["overall_ranking"]["title"] == "Overall ranking"
    assert "no size" in index["nothing_to_show"]["size_vs_cost"]
    assert "Nothing to show" in (tmp_path / "size_vs_cost.svg").read_text()


def test_a_caption_lists_three_names_at_most():
    assert listed(["a", "b", "c"]) == "a, b, c"
    assert listed(["a", "b", "c", "d"]) == "a, b, c, d"
    assert listed("abcdef") == "a, b, c and 3 others (see leaderboard.csv)"


def test_what_a_benchmark_has_decides_which_plots_are_expected():
    assert "size_vs_cost" not in expected_plots({"size", "time"})
    assert "size_vs_cost" in expected_plots({"size", "cost"})
    always = expected_plots({"answers"})
    assert {"overall_ranking", "refusal_rates", "noise_budget"} <= set(always)
    assert not {"significance_matrix", "retrieval_by_k", "calibration"} & set(always)


def test_repeats_are_said(models, sketched):
    one, two = models(2)
    repeated = replace(one, summaries=tuple(replace(s, repeats=3) for s in one.summaries))
    assert "88 questions, up to 3 repeats." in caption(sketched("overall_ranking", [repeated, two]))


@pytest.mark.parametrize("name", quick(*ROWS))
def test_the_same_models_give_the_same_bytes(name, tmp_path):
    for run in ("a", "b"):
        paths = [tmp_path / f"{run}.{suffix}" for suffix in ("png", "svg", "pdf")]
        draw_plots(plot_data(made_up(2, retrievers=1)), {name: paths})
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


def test_without_models_there_is_nothing_to_show(sketched):
    for name in PLOTS:
        with pytest.raises(NothingToShow, match="No model has been scored"):
            sketched(name, [])


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("value", [None, float("nan")])
def test_a_score_that_is_not_there_has_no_bar_and_is_said(name, value, models, rescored, sketched):
    figure = sketched(name, rescored(models(2), "overall", value))
    assert shown(figure).count("n/a") == 1
    assert "n/a: no answer could be scored" in caption(figure)


@pytest.mark.parametrize("name", ROWS)
def test_a_part_of_the_questions_is_said_in_the_row(name, models, sketched):
    one, two = models(2)
    part = replace(one.summaries[0], retriever="external", coverage=0.999)
    figure = sketched(name, [replace(one, llm_provider="submission", summaries=(part,)), two])
    assert f"{one.name} (99% covered)" in shown(figure)
    assert "covered: share of the questions" in caption(figure)


def test_an_unknown_plot_is_an_error():
    with pytest.raises(InputError, match="unknown plot 'pie'"):
        PLOTS.load("pie")


def test_every_plot_has_its_registered_name_and_sources_that_exist():
    assert [PLOTS.load(name).name for name in PLOTS] == list(PLOTS)
    named = {one for name in PLOTS for part in sources_of(name)[:2] for one in part}
    assert named <= {*made_up(1).tables, "questions", "rows", "predictions", "runs"}


def test_the_settings_of_the_caller_are_left_alone(tmp_path):
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    draw_plots(plot_data(made_up(1)), {"overall_ranking": [tmp_path / "a.png"]})
    assert dict(mpl.rcParams) == before


def test_models_that_are_missing_are_said(models, sketched):
    results = only(models(2))
    data = plot_data(results)
    board = data.table("leaderboard")
    board["models_missing"] = " ".join(f"model-{n}" for n in range(9))
    figure, lines = figure_of(PLOTS.load("overall_ranking"), data)
    assert figure.get_suptitle() == "Overall ranking (PARTIAL)"
    assert lines[0].startswith("Partial: without model-0, model-1, model-2 and 6 others")


@pytest.mark.slow
def test_a_family_has_one_colour_in_all_plots(sketched):
    from matplotlib.colors import to_hex

    data = made_up(6, retrievers=1)
    found = []
    for name in ("overall_ranking", "unique_wins", "size_vs_scores"):
        legends = [axes.get_legend() for axes in sketched(name, data).axes if axes.get_legend()]
        [legend] = legends
        handles = zip(legend.legend_handles, legend.get_texts(), strict=True)
        found.append(
            {
                t.get_text(): to_hex(h.get_facecolor())
                for h, t in handles
                if hasattr(h, "get_facecolor")
            }
        )
    first, *others = found
    assert set(first) == {"gpt", "llama", "mistral", "qwen"}
    for other in others:
        assert other.items() <= first.items()
