"""Judge all retrievers of one dataset."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.evaluation.diagnostics.retrieval import write_retrieval

    write_retrieval(
        Path(snakemake.input.questions),
        {Path(path).stem: Path(path) for path in snakemake.input.rankings},
        {Path(path).stem: Path(path) for path in snakemake.input.contexts},
        snakemake.params.confidence,
        Path(snakemake.output.folder),
        Path(snakemake.output.table),
    )
