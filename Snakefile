"""Model Lab: documents and questions in, a leaderboard of language models out.

    corpus -> chunks -> index -\
                                contexts -> predictions -> scores -> tables, statistics, plots
    dataset -> questions ------/

`rules/` connect files, `scripts/` call the library `modellab/`, `profiles/` configure where jobs run.
"""

from modellab.workflow.benchmark import Benchmark
from snakemake.utils import min_version

min_version("9.27")
wf = Benchmark.from_snakemake(workflow)
cfg = wf.config


pathvars:
    results=str(cfg.results),
    logs=f"{cfg.results}/logs",


# the start page of `snakemake --report`
report: "resources/captions/workflow.rst"


include: "rules/common.smk"
include: "rules/databases.smk"
include: "rules/corpus.smk"
include: "rules/questions.smk"
include: "rules/retrieval.smk"


if not cfg.partial:

    include: "rules/generation.smk"
    include: "rules/adaptive.smk"


include: "rules/judging.smk"
include: "rules/scores.smk"
include: "rules/evaluation.smk"
include: "rules/reporting.smk"
include: "rules/targets.smk"


rule all:
    """Everything that the config asks for: the default."""
    default_target: True
    input:
        outputs.all(),


wf.watch_records(workflow)
