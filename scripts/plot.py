"""Draw one plot of one dataset."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.reporting.plots import PLOTS, load_plot
    from modellab.reporting.plots.drawing import write_plot
    from modellab.reporting.plots.reading import read_plot_data

    files = {
        name: [Path(path) for path in ([paths] if isinstance(paths, str) else paths)]
        for name, paths in snakemake.input.items()
    }
    write_plot(
        load_plot(snakemake.wildcards.plot),
        read_plot_data(files),
        [Path(path) for path in snakemake.output],
        PLOTS[snakemake.wildcards.plot].needs,
        snakemake.params.missing,
    )
