"""Download what is missing of one model, and write down which revision it is."""

from job import recorded_log

with recorded_log(snakemake):
    from pathlib import Path

    from modellab.core.io.jsonl import write_json
    from modellab.models.registry import parse_model

    options = parse_model(snakemake.params.options)
    write_json(Path(snakemake.output[0]), options.fetch())
