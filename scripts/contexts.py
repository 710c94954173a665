"""Find the passages of every question with one retriever."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.retrieval import parse_retriever
    from modellab.retrieve import find_contexts

    members = {name: parse_retriever(data) for name, data in snakemake.params.members.items()}
    find_contexts(
        snakemake.wildcards.retriever,
        parse_retriever(snakemake.params.options),
        Path(snakemake.input.questions),
        Path(snakemake.input.chunks),
        {
            name: (options, Path(folder))
            for (name, options), folder in zip(
                members.items(), snakemake.input.indexes, strict=True
            )
        },
        {Path(path).stem: Path(path) for path in snakemake.input.contexts},
        snakemake.params.seed,
        Path(snakemake.output[0]),
        Path(snakemake.params.journals),
        Path(snakemake.input.plans) if snakemake.input.plans else None,
    )
