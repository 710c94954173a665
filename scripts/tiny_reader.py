"""Train one tiny reader."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.gpu import cards_wanted, lease
    from modellab.tiny_readers.readers import recipe_of, train_reader

    # Before torch is imported: it looks for cards only once.
    wanted = cards_wanted(1, optional=True)
    with lease(wanted, job=f"training {snakemake.wildcards.reader}"):
        import torch

        torch.set_num_threads(snakemake.threads)
        train_reader(
            recipe_of(snakemake.wildcards.reader, snakemake.params.steps),
            parent=Path(snakemake.input[0]) if snakemake.input else None,
            kept=Path(snakemake.params.kept),
            folder=Path(snakemake.output[0]),
        )
