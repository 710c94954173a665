"""Plots: tables and scores in, pictures out (png, svg, pdf).

Needs:  results/{dataset}/leaderboard.csv, and what the plots name in their registry
Makes:  results/{dataset}/plots/{plot}.png  .svg  .pdf    each a target of its own
        results/{dataset}/plots/index.json                titles and captions

One job draws all plots that are wanted of a dataset; another one draws any other plot by itself.
"""

for number, (plots, datasets) in enumerate(datasets_by_plots().items()):

    rule:
        name:
            f"plots{number or ''}"
        input:
            unpack(lambda wildcards, plots=plots: plot_inputs(plots, wildcards.dataset)),
        output:
            png=[f"<results>/{{dataset}}/plots/{plot}.png" for plot in plots],
            svg=[
                in_report(f"<results>/{{dataset}}/plots/{plot}.svg", "Plots")
                for plot in plots
            ],
            pdf=[f"<results>/{{dataset}}/plots/{plot}.pdf" for plot in plots],
            index="<results>/{dataset}/plots/index.json",
        log:
            "<logs>/plots/{dataset}.log",
        wildcard_constraints:
            dataset=one_of(datasets),
        localrule: True
        conda:
            "../envs/compare.yaml"
        resources:
            mem_mb=2000,
            runtime=20,
        params:
            code=plot_code(plots),
        message:
            "drawing the plots of {wildcards.dataset}"
        script:
            "../scripts/plots.py"

    rule:
        name:
            f"plot{number or ''}"
        input:
            unpack(lambda wildcards: plot_inputs([wildcards.plot], wildcards.dataset)),
        output:
            png=["<results>/{dataset}/plots/{plot}.png"],
            svg=["<results>/{dataset}/plots/{plot}.svg"],
            pdf=["<results>/{dataset}/plots/{plot}.pdf"],
        log:
            "<logs>/plots/{dataset}/{plot}.log",
        wildcard_constraints:
            dataset=one_of(datasets),
            plot=one_of([plot for plot in PLOTS if plot not in plots]),
        localrule: True
        conda:
            "../envs/compare.yaml"
        resources:
            mem_mb=2000,
            runtime=10,
        params:
            code=lambda wildcards: plot_code([wildcards.plot]),
        message:
            "drawing {wildcards.plot} of {wildcards.dataset}"
        script:
            "../scripts/plots.py"
