"""Synthesis: chunks in, questions with receipts out.

Needs:  results/corpora/{corpus}/chunks.jsonl, the prompts of the kinds of questions
Makes:  results/synthesis/{synthesis}/questions.jsonl    what a dataset may read (format: jsonl)
        results/synthesis/{synthesis}/rejections.jsonl   what was refused, and why
        results/synthesis/{synthesis}/yield.csv          counts of both
        results/synthesis/{synthesis}/run.json           models, prompts, resource_usage
Keeps:  results/synthesis/{synthesis}/journal/           every answer the moment it exists
"""


rule synthesis_of:
    input:
        chunks=lambda wildcards: CHUNKS.format(
            corpus=cfg.synthesize[wildcards.synthesis].corpus
        ),
        prompts=synthesis_prompts,
        models=synthesis_model_files,
    output:
        questions="<results>/synthesis/{synthesis}/questions.jsonl",
        rejections="<results>/synthesis/{synthesis}/rejections.jsonl",
        table="<results>/synthesis/{synthesis}/yield.csv",
        run="<results>/synthesis/{synthesis}/run.json",
    log:
        "<logs>/synthesis/{synthesis}.log",
    wildcard_constraints:
        synthesis=one_of([name for name in cfg.synthesize if not synthesis_cards(name)]),
    conda:
        "../envs/synthesis.yaml"
    threads: lambda wildcards: synthesis_threads(wildcards.synthesis)
    resources:
        **synthesis_tokens(),
        mem_mb=8000,
        runtime=720,
        timeout_seconds=synthesis_timeout_seconds,
    params:
        options=lambda wildcards: cfg.synthesize[wildcards.synthesis].cache_key_fields(),
        models=synthesis_model_options,
        journal=lambda wildcards: f"{cfg.results}/synthesis/{wildcards.synthesis}/journal",
        seed=cfg.seed,
        code=synthesis_code,
    message:
        "making questions: {wildcards.synthesis}"
    script:
        "../scripts/synthesis_of.py"


use rule synthesis_of as synthesis_gpu with:
    wildcard_constraints:
        synthesis=one_of([name for name in cfg.synthesize if synthesis_cards(name)]),
    resources:
        **synthesis_tokens(),
        mem_mb=16000,
        runtime=720,
        timeout_seconds=synthesis_timeout_seconds,
        slots_per_gpu=lambda wildcards: synthesis_slots(wildcards.synthesis),
        gpu=lambda wildcards: synthesis_cards(wildcards.synthesis),
