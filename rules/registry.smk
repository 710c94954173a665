"""Registry: a dataset's finished results in, one line in the registry of runs out.

A run whose results are those of the dataset's last record is not recorded again. The output
holds no time, so that it changes only when the results do.

Needs:  results/{dataset}/scores/{model}.json, runs/{model}.json, verdict.json, status.json,
        judges' tables
Makes:  results/{dataset}/recorded.json    the digest of the results that were recorded
Keeps:  results/registry/runs.jsonl        a line per run (never a declared output)
        results/registry/{run}.md, index.md
"""


rule record:
    input:
        summaries=score_summaries,
        runs=lambda wildcards: source_files("runs", wildcards.dataset),
        verdict="<results>/{dataset}/verdict.json",
        judged=judgement_runs,
        judge_scores=judge_scores_of,
        status="<results>/{dataset}/status.json",
    output:
        "<results>/{dataset}/recorded.json",
    log:
        "<logs>/record/{dataset}.log",
    conda:
        "../envs/compare.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        registry=f"{cfg.results}/registry",
        settings=recorded_settings,
        judges=described_judges,
        retrievers=lambda wildcards: recorded_retrievers(wildcards.dataset),
        missing=models_missing,
        code=code_digest(["modellab.reporting.registry.making"]),
    message:
        "recording the results on {wildcards.dataset}"
    script:
        "../scripts/record.py"
