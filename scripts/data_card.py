"""Tell what a set of questions is made of."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.questions.data_card import write_data_card

    write_data_card(
        Path(snakemake.input.questions),
        Path(snakemake.input.truths),
        Path(snakemake.input.chunks) if snakemake.input.chunks else None,
        Path(snakemake.output.card),
        Path(snakemake.output.text),
        snakemake.params.language,
        snakemake.params.corpus_language,
    )
