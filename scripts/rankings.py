"""Search once more and deeper, to judge one retriever."""

from job import job_log, search_of

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.retrieval.rankings import find_rankings

    find_rankings(search_of(snakemake), Path(snakemake.output[0]))
