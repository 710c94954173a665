"""Energy against the size of the model."""

from __future__ import annotations

from matplotlib.figure import Figure

from modellab.evaluation.compare.entries import Entry, ranked
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.labels import names_line
from modellab.reporting.plots.protocol import NothingToShow, Plot
from modellab.reporting.plots.resource_usage import energy_per_thousand
from modellab.reporting.plots.scatter import SIZE_LABEL, Chart, Point, draw_chart, size_of

TITLE = "Energy by model size"


def draw(data: PlotData) -> Figure:
    """One point per model: energy is measured over a run, not by retriever."""
    best: dict[str, Entry] = {}
    for entry in ranked(data.models):
        best.setdefault(entry.model.name, entry)
    used = {name: energy_per_thousand(data.runs.get(name, {})) for name in best}
    points = [
        Point(entry, size, energy)
        for name, entry in best.items()
        if (size := size_of(entry)) is not None and (energy := used[name]) is not None
    ]
    sizeless = [name for name, entry in best.items() if size_of(entry) is None]
    unmetered = [
        name for name, entry in best.items() if size_of(entry) is not None and used[name] is None
    ]
    left_out = [
        *names_line("Not shown (no size)", sizeless),
        *names_line("Not shown (no meter: no NVIDIA GPU, or behind an API)", unmetered),
    ]
    if not points:
        reason = "No model has both a size (size_b) and measured energy: nothing to show."
        raise NothingToShow(reason, left_out)
    caption = [
        "Energy of the GPUs while the model was open, over all its retrievers; "
        "the colour is that of its best one.",
        *left_out,
    ]
    label = "Watt-hours per 1,000 answers"
    return draw_chart(data.models, Chart(TITLE, SIZE_LABEL, label, points, caption, log_x=True))


PLOT = Plot("size_vs_energy", TITLE, draw)
