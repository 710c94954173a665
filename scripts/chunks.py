"""Cut a corpus into chunks."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.corpus.options import CorpusOptions
    from modellab.retrieve import chunk_corpus

    chunk_corpus(CorpusOptions(**snakemake.params.options), Path(snakemake.output[0]))
