"""Put the reference answers of a dataset to its own scorer, and say what its questions are."""

from job import recorded_log

with recorded_log(snakemake):
    from pathlib import Path

    from modellab.evaluation.truth_check import write_truth_check
    from modellab.questions.data_card import write_data_card
    from modellab.tasks import parse_scorer, parse_task

    inputs, output, params = snakemake.input, snakemake.output, snakemake.params
    dataset = snakemake.wildcards.dataset
    questions, truths = Path(inputs.questions), Path(output.truths)
    task, scorer = parse_task(params.task), parse_scorer(params.scorer)
    write_truth_check(dataset, questions, task, scorer, truths)
    write_data_card(
        dataset,
        questions,
        Path(inputs.read_as),
        truths,
        Path(*inputs.chunks) if inputs.chunks else None,
        card=Path(output.card),
        text=Path(output.text),
        task=params.task_in_words,
        language=params.language,
        corpus_language=params.corpus_language,
    )
