"""What all rules share: look-ups in the config, paths, hooks, captions of reports."""

from pathlib import Path

from modellab.reporting.plots import PLOTS
from modellab.workflow.entries import key_of, of
from modellab.workflow.run_summary import (
    end_news,
    print_end,
    print_failures,
    requested,
)
from modellab.workflow.benchmark import one_of

code, asking, entries, key = wf.code, wf.asking, wf.entries, wf.entries.key
files, names, outputs = wf.files, wf.names, wf.outputs
settings, systems = wf.settings, wf.systems

CPU, GPU = "../envs/cpu.yaml", "../envs/gpu.yaml"
QUESTIONS = "<results>/{dataset}/questions.jsonl"
CHUNKS = "<results>/corpora/{corpus}/chunks.jsonl"
# of the corpora and retrievers that a job is about, to be expanded by their names
INDEXES = "<results>/corpora/{corpus}/indexes/{retriever}"
CONTEXTS = "<results>/{{dataset}}/contexts/{retriever}.jsonl"
SEARCHES = "<results>/{{dataset}}/contexts/runs/{retriever}.json"
PLANS = "<results>/{{dataset}}/plans/{retriever}.jsonl"
#: vectors that finished models made, for all corpora and questions
VECTORS = f"{cfg.results}/vectors"
# of all models of a dataset
PREDICTIONS = collect(
    "<results>/{{dataset}}/predictions/{model}.jsonl", model=names.models
)
RUNS = collect("<results>/{{dataset}}/runs/{model}.json", model=names.models)
SUMMARIES = collect("<results>/{{dataset}}/scores/{model}.json", model=names.models)
ROWS = collect("<results>/{{dataset}}/scores/{model}.csv", model=names.models)


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
    """A picture or table of `snakemake --report`, with the caption of its name."""
    inside = path.split("}/", 1)[1]
    name = Path(inside if "{" not in inside else inside.split("/")[0]).with_suffix(
        ".rst"
    )
    # a plot of an installed package has none
    there = (Path(workflow.basedir) / "resources" / "captions" / name).exists()
    return report(
        path,
        # from the rules' folder
        caption=f"../resources/captions/{name}" if there else None,
        category=category,
        subcategory="{query_log}" if "{query_log}" in path else "{dataset}",
        labels={"shows": Path(inside).stem.replace("_", " ")},
    )


onsuccess:
    end_news(workflow)
    print_end(cfg, systems, requested(workflow), complete=True)


onerror:
    end_news(workflow)
    print_failures(log, cfg.results)
    print_end(cfg, systems, [], complete=False)
