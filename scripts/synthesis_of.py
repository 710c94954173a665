"""Make questions from the chunks of a corpus."""

from job import job_log

with job_log(snakemake.log[0]):
    from pathlib import Path

    from modellab.generation.synthesis.making import SynthesisJob, synthesize
    from modellab.generation.synthesis.options import SynthesisOptions
    from modellab.models.gpu import gpus_wanted, lease
    from modellab.models.registry import parse_model

    params = snakemake.params
    models = {name: parse_model(options) for name, options in params.models.items()}
    # They are loaded one after the other: the largest need is that of all.
    largest = max(models.values(), key=lambda options: options.gpu_need())
    wanted = gpus_wanted(largest.gpu_need(), all(m.gpu_optional() for m in models.values()))

    # Before torch is imported: it looks for GPUs only once.
    slots = snakemake.resources.get("slots_per_gpu", 1)
    what = f"synthesis of {snakemake.wildcards.synthesis}"
    with lease(wanted, job=what, slots_per_gpu=slots):
        synthesize(
            SynthesisJob(
                options=SynthesisOptions(**params.options),
                models=models,
                chunks=Path(snakemake.input.chunks),
                prompts={Path(path).stem: Path(path) for path in snakemake.input.prompts},
                journals=Path(params.journals),
                seed=params.seed,
                timeout_seconds=snakemake.resources.timeout_seconds or None,
            ),
            out=Path(snakemake.output.questions).parent,
        )
