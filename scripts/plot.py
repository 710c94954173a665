"""Draw one plot of one dataset."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.plots.drawing import draw_plot

    draw_plot(
        snakemake.wildcards.plot,
        [Path(path) for path in snakemake.input.summaries],
        Path(snakemake.output.png),
        Path(snakemake.output.svg),
    )
