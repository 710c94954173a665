"""Plots: scores and tables in, one picture out (png, svg, pdf).

Needs:  results/{dataset}/scores/{model}.json, and what the plot names in its registry
Makes:  results/{dataset}/plots/{plot}.png  .svg  .pdf
"""


rule plot:
    input:
        unpack(plot_inputs),
    output:
        png="<results>/{dataset}/plots/{plot}.png",
        svg=in_report("<results>/{dataset}/plots/{plot}.svg", "Plots"),
        pdf="<results>/{dataset}/plots/{plot}.pdf",
    log:
        "<logs>/plot/{dataset}/{plot}.log",
    conda:
        "../envs/compare.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        missing=models_missing,
        code=plot_code,
    message:
        "drawing {wildcards.plot} of {wildcards.dataset}"
    script:
        "../scripts/plot.py"
