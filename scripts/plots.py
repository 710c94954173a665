"""Draw plots of one dataset."""

from job import run

from modellab.reporting.plots.drawing import draw_dataset

run(draw_dataset, snakemake)
