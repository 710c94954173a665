"""Draw one plot of one dataset."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.compare.score_files import read_scores
    from modellab.plots import load_plot
    from modellab.plots.drawing import write_plot

    write_plot(
        load_plot(snakemake.wildcards.plot),
        [read_scores(Path(path)) for path in snakemake.input.summaries],
        Path(snakemake.output.png),
        Path(snakemake.output.svg),
    )
