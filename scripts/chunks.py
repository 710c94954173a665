"""Cut a corpus into chunks."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.corpus.build import chunk_corpus
    from modellab.corpus.options import CorpusOptions

    chunk_corpus(
        CorpusOptions(**snakemake.params.options),
        Path(snakemake.output.chunks),
        Path(snakemake.output.documents),
    )
