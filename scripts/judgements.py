"""Let one judge judge one model's answers to one dataset."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.judging import parse_judge
    from modellab.judging.judge import JudgeJob, judge_model
    from modellab.models.gpu import gpus_wanted, lease

    names, params, inputs = snakemake.wildcards, snakemake.params, snakemake.input
    judge = parse_judge(params.judge)
    wanted = gpus_wanted(judge.judging_model.gpu_need(), judge.judging_model.gpu_optional())

    def files(what, paths):
        return dict(zip(what or [], map(Path, paths), strict=True))

    # Before torch is imported: it looks for GPUs only once.
    slots = snakemake.resources.get("slots_per_gpu", 1)
    what = f"{names.judge} judging {names.model} on {names.dataset}"
    with lease(wanted, job=what, slots_per_gpu=slots):
        judge_model(
            JudgeJob(
                name=names.judge,
                dataset=names.dataset,
                model=names.model,
                task=params.task,
                judge=judge,
                prompts=files(params.metrics, inputs.prompts),
                questions=Path(inputs.questions),
                predictions=Path(inputs.predictions),
                others=files(params.others, inputs.others),
                contexts=files(params.contexts, inputs.contexts),
                chunks=Path(inputs.chunks) if inputs.chunks else None,
                retrievers=params.retrievers,
                journal=Path(params.journal),
                seed=params.seed,
                timeout_seconds=snakemake.resources.timeout_seconds or None,
                round=snakemake.params.round,
                keep_failed=bool(snakemake.resources.keep_failed),
            ),
            out=Path(snakemake.output.judgements),
            run=Path(snakemake.output.run),
        )
