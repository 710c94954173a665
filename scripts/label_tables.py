"""Compare the labels of all models on one dataset."""

from job import recorded_log

with recorded_log(snakemake):
    from pathlib import Path

    from modellab.evaluation.labels import LabelTables, write_label_tables
    from modellab.tasks import parse_scorer, parse_task
    from modellab.tasks.scorer import Material

    task = parse_task(snakemake.params.task)
    write_label_tables(
        parse_scorer(snakemake.params.scorer).make(task, Material((), ())),
        Path(snakemake.input.questions),
        {Path(path).stem: Path(path) for path in snakemake.input.predictions},
        LabelTables(**{name: Path(path) for name, path in snakemake.output.items()}),
        ensembles=snakemake.params.ensembles,
    )
