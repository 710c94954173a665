"""Make questions from the chunks of a corpus."""

from job import asking_of, recorded_log

with recorded_log(snakemake):
    from pathlib import Path

    from modellab.generation.synthesis.making import SynthesisJob, synthesize
    from modellab.generation.synthesis.options import SynthesisOptions
    from modellab.models.registry import parse_model

    params = snakemake.params
    synthesize(
        SynthesisJob(
            name=snakemake.wildcards.synthesis,
            options=SynthesisOptions(**params.options),
            models={name: parse_model(options) for name, options in params.models.items()},
            chunks=Path(*snakemake.input.chunks),
            prompts={Path(path).stem: Path(path) for path in snakemake.input.prompts},
            **asking_of(snakemake),
        ),
        out=Path(snakemake.output.questions).parent,
    )
