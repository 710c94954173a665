"""Let one judge judge the answers to one dataset."""

from job import asking_of, recorded_log

with recorded_log(snakemake):
    from pathlib import Path

    from modellab.judging import parse_judge
    from modellab.judging.judge import JudgeJob, judge_dataset

    names, params, inputs = snakemake.wildcards, snakemake.params, snakemake.input

    def files(what, paths):
        return dict(zip(what or [], map(Path, paths), strict=True))

    judge_dataset(
        JudgeJob(
            name=names.judge,
            dataset=names.dataset,
            models=tuple(params.models),
            task=params.task,
            judge=parse_judge(params.judge),
            prompts=files(params.metrics, inputs.prompts),
            questions=Path(inputs.questions),
            predictions=files(params.answered, inputs.predictions),
            contexts=files(params.contexts, inputs.contexts),
            chunks=Path(*inputs.chunks) if inputs.chunks else None,
            retrievers=params.retrievers,
            **asking_of(snakemake),
        ),
        out=Path(snakemake.output.judgements),
        run=Path(snakemake.output.run),
    )
