"""Where results are: of a dataset relative to its folder `results/{dataset}`, of all to `results`.

At the top of a dataset is what people open; the other tables are in `tables`, and each stage has a
folder. A path with `{model}` and the like is a file of each of them.
"""

from pathlib import Path

# what people open
README, AUDIT, DATA_CARD = "README.md", "audit.md", "data_card.md"
REPORT, PLOTS = "report", "plots"
PAGE = f"{REPORT}/index.html"
VERDICT, MARKDOWN, LATEX = "verdict.json", "leaderboard.md", "leaderboard.tex"
TABLES = "tables"
STATUS = f"{TABLES}/status.json"
#: tables at the top
_OPENED = (
    *("leaderboard", "statistics", "comparisons", "matrix", "errors", "retrieval"),
    "judge_scores",
)
#: of a dataset of labels, apart from those of every dataset
LABEL_TABLES = ("labels", "label_agreement", "confusion")
#: about judges, in the folder `judges`
JUDGE_TABLES = (
    *("resource_usage", "self_consistency", "agreement", "alpha", "human", "confusion"),
    *("position_bias", "length_bias", "self_preference", "consensus", "rankings"),
    *("by_generator", "by_benchmark_judge"),
)

#: the questions as they were read
QUESTIONS = "questions.jsonl"

# stages, in the order in which data flows
READ_AS, CARD = "tables/read_as.txt", "tables/data_card.json"
PLANS, PLANS_RUN = "plans/{retriever}.jsonl", "plans/runs/{retriever}.json"
CONTEXTS, SEARCH = "contexts/{retriever}.jsonl", "contexts/runs/{retriever}.json"
RANKINGS = "rankings/{retriever}.jsonl"
ROUND = "rounds/{round}.json"
PREDICTIONS, RUN = "predictions/{model}.jsonl", "runs/{model}.json"
JUDGEMENTS, JUDGEMENTS_RUN = "judgements/{judge}.jsonl", "judgements/runs/{judge}.json"
ROWS, SUMMARY = "scores/{model}.csv", "scores/{model}.json"
SUBMISSIONS = "submissions/{model}"
# every reply the moment it exists
JOURNAL = "journal/{model}.jsonl"
JUDGE_JOURNAL = "journal/judges/{judge}.jsonl"
PLANS_JOURNAL = "journal/plans/{retriever}.jsonl"

# of all datasets
CHUNKS = "corpora/{corpus}/chunks.jsonl"
REGISTRY = "registry"
#: folders of the results that are no datasets and hold none
NO_DATASETS = (
    *("corpora", "databases", "logs", "models", "query_logs", REGISTRY, "synthesis"),
    *("tiny-readers", "vectors"),
)


def table_file(name: str) -> str:
    """The file of a table, such as `errors` or `judges/agreement`."""
    return f"{name}.csv" if name in _OPENED else f"{TABLES}/{name}.csv"


def tables_in(folder: Path) -> dict[str, Path]:
    """The tables of a dataset by name; those in folders of `tables` are left out."""
    paths = [*folder.glob("*.csv"), *(folder / TABLES).glob("*.csv")]
    return {path.stem: path for path in sorted(paths, key=lambda path: path.stem)}
