"""Shared by all rules: look-ups in the config, paths, hooks, captions of reports."""

from pathlib import Path

from modellab.core import layout
from modellab.reporting.plots import PLOTS
from modellab.workflow.entries import key_of, of
from modellab.workflow.display import stop_display
from modellab.workflow.run_summary import (
    print_end,
    print_failures,
    requested,
)
from modellab.workflow.benchmark import one_of, select_jobs_only_on_events

code, asking, entries, key = wf.fingerprints.code, wf.asking, wf.entries, wf.entries.key
files, names, outputs = wf.files, wf.names, wf.outputs
settings, systems = wf.settings, wf.systems
own, each, table = files.own, files.each, files.table

CPU, GPU = "../envs/cpu.yaml", "../envs/gpu.yaml"
# where the files are: modellab/core/layout.py
QUESTIONS = own(layout.QUESTIONS)
CHUNKS = f"<results>/{layout.CHUNKS}"
# of a corpus and a retriever, to be expanded
INDEXES = "<results>/corpora/{corpus}/indexes/{retriever}"
CONTEXTS = each(layout.CONTEXTS)
SEARCHES = each(layout.SEARCH)
PLANS = each(layout.PLANS)
#: vectors that finished models made, for all corpora and questions
VECTORS = f"{cfg.results}/vectors"
# of all models of a dataset
PREDICTIONS = collect(each(layout.PREDICTIONS), model=names.models)
RUNS = collect(each(layout.RUN), model=names.models)
SUMMARIES = collect(each(layout.SUMMARY), model=names.models)
ROWS = collect(each(layout.ROWS), model=names.models)


wildcard_constraints:
    corpus=one_of(cfg.corpora),
    database=one_of(cfg.databases),
    dataset=one_of(cfg.datasets),
    embedder=one_of(cfg.embedders),
    judge=one_of(cfg.judges),
    model=one_of(cfg.models),
    plot=one_of(PLOTS),
    query_log=one_of(cfg.query_logs),
    retriever=one_of(cfg.retrievers),
    synthesis=one_of(cfg.synthesize),


def in_report(path, category):
    """A picture or table in `snakemake --report`, with the caption of the same name."""
    inside = path.split("}/", 1)[1].removeprefix(f"{layout.TABLES}/")
    name = Path(inside if "{" not in inside else inside.split("/")[0]).with_suffix(
        ".rst"
    )
    # plots of installed packages have no caption
    there = (Path(workflow.basedir) / "resources" / "captions" / name).exists()
    return report(
        path,
        # relative to the folder of rules
        caption=f"../resources/captions/{name}" if there else None,
        category=category,
        subcategory="{query_log}" if "{query_log}" in path else "{dataset}",
        labels={"shows": Path(inside).stem.replace("_", " ")},
    )


onstart:
    select_jobs_only_on_events(workflow)


onsuccess:
    stop_display(workflow)
    print_end(cfg, systems, requested(workflow), complete=True)


onerror:
    stop_display(workflow)
    print_failures(log, cfg.results)
    print_end(cfg, systems, [], complete=False)
