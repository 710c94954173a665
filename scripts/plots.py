"""Draw plots of one dataset."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.reporting.plots.data import read_plot_data
    from modellab.reporting.plots.drawing import draw_plots

    output = snakemake.output
    draw_plots(
        read_plot_data(snakemake.wildcards.dataset, snakemake.input.items()),
        {
            Path(files[0]).stem: [Path(file) for file in files]
            for files in zip(output.png, output.svg, output.pdf, strict=True)
        },
        Path(output.index) if output.get("index") else None,
    )
