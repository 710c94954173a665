"""Find the passages of every question with one retriever."""

from job import job_log, search_of

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.retrieval.contexts import find_contexts

    find_contexts(
        search_of(snakemake), Path(snakemake.output.contexts), Path(snakemake.output.record)
    )
