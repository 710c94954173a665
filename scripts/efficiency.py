"""Say how fast and how reliably each model answered."""

from job import recorded_log

with recorded_log(snakemake):
    from pathlib import Path

    from modellab.evaluation.diagnostics.efficiency import write_efficiency
    from modellab.retrieval.usage import read_retrieval

    files = zip(
        snakemake.params.models, snakemake.input.predictions, snakemake.input.runs, strict=True
    )
    write_efficiency(
        Path(snakemake.output[0]),
        {model: (Path(predictions), Path(run)) for model, predictions, run in files},
        read_retrieval(
            [Path(path) for path in snakemake.input.searches],
            [Path(path) for path in snakemake.input.plans],
        ),
    )
