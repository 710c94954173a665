"""Compare the vectors of a corpus with its chunks."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.retrieval.embedding_coverage import write_coverage

    write_coverage(
        Path(snakemake.input.chunks),
        {Path(folder).name: Path(folder) for folder in snakemake.input.indexes},
        Path(snakemake.output[0]),
    )
