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
        summaries=SUMMARIES,
        runs=RUNS,
        verdict="<results>/{dataset}/verdict.json",
        judged=files.judgement_runs,
        judge_scores=files.judge_scores,
        status="<results>/{dataset}/status.json",
    output:
        stamp="<results>/{dataset}/recorded.json",
    log:
        "<logs>/record/{dataset}.log",
    localrule: True
    conda:
        CPU
    params:
        registry=f"{cfg.results}/registry",
        settings=settings.of_record,
        judges=settings.judges,
        retrievers=settings.recorded_retrievers,
        missing=settings.missing,
        code=code("record"),
    script:
        "../scripts/record.py"
