"""Reporting: from scores and tables to plots, tables for papers, and a page per dataset.

Needs:  questions, contexts, predictions, runs, scores and tables of a dataset
Makes:  results/{dataset}/leaderboard.csv  .md  .tex   a row per system, every component
        results/{dataset}/verdict.json      the best system, and how certain that is
        results/{dataset}/plots/{plot}.png  .svg  .pdf    each is a target
        results/{dataset}/plots/index.json   titles and captions of plots that are not empty
        results/{dataset}/report/index.html   (with its style, scripts, pictures, data)
        results/{dataset}/README.md         guide to the files
        results/registry/recorded/{dataset}.json   the digest of the results, without times
Keeps:  results/registry/runs.jsonl         a line per run whose results are new
        results/registry/{run}.md, index.md
"""

from modellab.reporting.page.untrusted import page_digest

# One job draws all plots of a dataset; any other plot is a separate job.
for number, (plots, datasets) in enumerate(outputs.datasets_by_plots().items()):

    rule:
        name:
            f"plots{number or ''}"
        input:
            unpack(outputs.plot_sources(plots)),
        output:
            png=[own(f"{layout.PLOTS}/{plot}.png") for plot in plots],
            svg=[
                in_report(own(f"{layout.PLOTS}/{plot}.svg"), "Plots") for plot in plots
            ],
            pdf=[own(f"{layout.PLOTS}/{plot}.pdf") for plot in plots],
            index=own(f"{layout.PLOTS}/index.json"),
        log:
            "<logs>/plots/{dataset}.log",
        wildcard_constraints:
            dataset=one_of(datasets),
        localrule: True
        conda:
            CPU
        params:
            code=lambda wildcards, plots=plots: wf.plot_code(plots),
        script:
            "../scripts/plots.py"

    rule:
        name:
            f"plot{number or ''}"
        input:
            unpack(lambda wildcards: outputs.plot_sources([wildcards.plot])(wildcards)),
        output:
            png=[own(f"{layout.PLOTS}/{{plot}}.png")],
            svg=[own(f"{layout.PLOTS}/{{plot}}.svg")],
            pdf=[own(f"{layout.PLOTS}/{{plot}}.pdf")],
        log:
            "<logs>/plots/{dataset}/{plot}.log",
        wildcard_constraints:
            dataset=one_of(datasets),
            plot=one_of(plot for plot in PLOTS if plot not in plots),
        localrule: True
        conda:
            CPU
        params:
            code=lambda wildcards: wf.plot_code([wildcards.plot]),
        script:
            "../scripts/plots.py"


rule report:
    input:
        tables=outputs.tables_of,
        verdict=own(layout.VERDICT),
        plots=outputs.plots_of,
        query_logs=collect(
            "<results>/query_logs/{query_log}/tables", query_log=names.query_logs
        ),
        judge_tables=outputs.judging_of,
        judgements=collect(each(layout.JUDGEMENTS), judge=names.judged_by),
        questions=QUESTIONS,
        card=own(layout.CARD),
        contexts=collect(CONTEXTS, retriever=names.contexts),
        predictions=PREDICTIONS,
        runs=RUNS,
        summaries=SUMMARIES,
        rows=ROWS,
        schema=files.files_in(entries.task),
        judged=collect(each(layout.JUDGEMENTS_RUN), judge=names.judged_by),
        judge_scores=files.judge_scores,
        status=files.status,
    output:
        page=directory(own(layout.REPORT)),
        readme=own(layout.README),
        stamp=f"<results>/{layout.REGISTRY}/recorded/{{dataset}}.json",
    log:
        "<logs>/report/{dataset}.log",
    localrule: True
    conda:
        CPU
    params:
        folder=lambda wildcards: f"{cfg.results}/{wildcards.dataset}",
        models=names.models,
        missing=names.missing,
        task=of(entries.task),
        settings=settings.report_config,
        registry=lambda wildcards: f"{cfg.results}/{layout.REGISTRY}",
        config=settings.recorded_config,
        judges=settings.judges,
        retrievers=settings.recorded_retrievers,
        code=code("report", entries.task),
        assets=page_digest(),
    script:
        "../scripts/report.py"
