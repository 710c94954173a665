"""Plots: all models' summaries in, one picture out (png and svg).

Needs:  results/{dataset}/scores/{model}.json
Makes:  results/{dataset}/plots/{plot}.png  .svg
"""


def plot_code(wildcards):
    return code_digest(["modellab.plots.drawing", f"modellab.plots.{wildcards.plot}"])


rule plot:
    input:
        summaries=score_summaries,
    output:
        png="<results>/{dataset}/plots/{plot}.png",
        svg="<results>/{dataset}/plots/{plot}.svg",
    log:
        "<logs>/plot/{dataset}/{plot}.log",
    params:
        code=plot_code,
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    conda:
        "../envs/compare.yaml"
    message:
        "drawing {wildcards.plot} of {wildcards.dataset}"
    script:
        "../scripts/plot.py"
