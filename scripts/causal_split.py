"""Say for each model what retrieval and what reading loses."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.compare.score_files import read_scored_model
    from modellab.diagnostics.causal_split import Roles, write_causal_split

    models = [
        read_scored_model(Path(summary), Path(rows))
        for summary, rows in zip(snakemake.input.summaries, snakemake.input.rows, strict=True)
    ]
    write_causal_split(Path(snakemake.output[0]), models, Roles(**snakemake.params.roles))
