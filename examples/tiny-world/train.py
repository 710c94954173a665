"""Train one tiny reader; called by the Snakefile beside it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from tiny_world.readers.recipes import recipe_of, train_reader

from modellab.core.job_log import job_log
from modellab.models.gpu import gpus_wanted, lease

with (
    job_log(Path(snakemake.log[0])),
    # Before torch is imported: it looks for GPUs only once.
    lease(gpus_wanted(1, optional=True), job=f"training {snakemake.wildcards.reader}"),
):
    import torch

    torch.set_num_threads(snakemake.threads)
    train_reader(
        recipe_of(snakemake.wildcards.reader, snakemake.params.steps),
        parent=Path(snakemake.input[0]) if snakemake.input else None,
        kept=Path(snakemake.params.kept),
        folder=Path(snakemake.output[0]),
    )
