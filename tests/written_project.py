"""A small benchmark in a temporary folder, run by the real snakemake command."""

import json
import os
import re
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from started_snakemake import StartedSnakemake
from tiny_model import write_tiny_model

from modellab.core.io.csv_file import read_csv
from modellab.core.layout import table_file

ROOT = Path(__file__).parents[1]
#: the sources of this checkout as a run has parsed them: the next project begins with them
PARSED: dict[str, bytes] = {}
SOURCES = ".snakemake/sources.json"

DOCUMENTS = {
    "gpt": "Training GPT-3 used 1,287 MWh of electricity. It emitted 552 tonnes of CO2e.",
    "meena": "Meena is a chat model. Training Meena needed 232 MWh. Google trained Meena for 30 days.",
    "pue": "The average PUE of Google data centres was 1.10 in 2023. Cooling takes most of the rest.",
    "water": "A data centre in Arizona used between 80 and 90 million litres of water in a year.",
}
QUESTIONS = """\
id,question,answer,answer_value,answer_unit,ref_id,explanation,Quote,is_NA
q1,How much electricity did training GPT-3 use?,1287 MWh,1287,MWh,['gpt'],Quote,1,0
q2,How much electricity did training Meena need?,232 MWh,232,MWh,['meena'],Quote,1,0
q3,What was the average PUE of Google data centres?,1.10,1.1,PUE,['pue'],Quote,1,0
q4,Who trained Meena for 30 days?,Google,Google,is_blank,['meena'],Quote,1,0
q5,How much water did the data centre in Arizona use?,80-90,"[80000000,90000000]",litres,['water'],Quote,1,0
q6,How many penguins live in the data centre?,none,is_blank,penguins,is_blank,is_blank,0,1
"""
SUBMISSION = """\
id,answer_value,ref_id,explanation
q1,1287,['gpt'],x
q2,500,['gpt'],x
q6,is_blank,is_blank,x
"""
CONFIG = """\
seed: 1
corpora:
  notes: {path: notes}
datasets:
  quiz: {corpus: notes, questions: quiz.csv}
embedders:
  lsa: {kind: tfidf-svd, dimensions: 3}
retrievers:
  bm25: {kind: bm25, top_k: 2}
  dense: {kind: dense, embedder: lsa, top_k: 2}
  hybrid: {kind: hybrid, of: [bm25, dense], top_k: 2}
  oracle: {kind: oracle}
  shuffled: {kind: shuffled, of: bm25}
  none: {kind: none}
models:
  plain: {provider: extractive, match: words, threshold: 0.2}
  rare: {provider: extractive, threshold: 0.2, threads: 2, repeats: 2}
  tiny:
    provider: transformers
    model: weights
    size_b: 0.00002
    max_new_tokens: 4
    temperature: 0.5
    device: cpu
    retrievers: [oracle]
  published: {provider: submission, path: published.csv}
plots: [overall_ranking]
"""


@dataclass
class Run:
    """What one snakemake command did."""

    code: int
    text: str

    def jobs(self) -> dict[str, int]:
        """The jobs of each rule that were to be run, as the table at the start says."""
        rows = re.findall(r"^(\w+) +(\d+)$", self.text, re.M)
        return {rule: int(count) for rule, count in rows if rule not in ("total", "all")}


@dataclass
class Project:
    """A folder with a benchmark."""

    folder: Path

    def run(self, *arguments: str, timeout: float = 900) -> Run:
        code, text = self.start(*arguments).finish(timeout)
        if self.path(SOURCES).exists():
            PARSED[SOURCES] = self.path(SOURCES).read_bytes()
        return Run(code, text)

    def start(self, *arguments: str, **environment: str) -> StartedSnakemake:
        environment = self.environment() | environment
        return StartedSnakemake(self.words(*arguments), self.folder, environment)

    def kill_when(self, reached: Callable[[], bool], *arguments: str) -> None:
        """Run until something is reached; then kill all processes at once, and unlock the folder."""
        process = self.start(*arguments)
        end = time.monotonic() + 600
        while not reached():
            assert process.poll() is None, "the run ended before"
            assert time.monotonic() < end
            time.sleep(0.01)
        process.signal(signal.SIGKILL)
        process.finish()
        shutil.rmtree(self.path(".snakemake/locks"))

    def words(self, *arguments: str) -> list[str]:
        """The words of the command, after its name."""
        # with all lines of Snakemake, which tests read
        own = ["--quiet", "host", "--cores", "2"]
        if "--snakefile" not in arguments:
            own = ["--snakefile", str(ROOT / "Snakefile"), *own]
        return [*arguments, *own]

    def environment(self) -> dict[str, str]:
        return {**os.environ, "COLUMNS": "200"}

    def rows(self, path: str) -> list[dict]:
        return [json.loads(line) for line in self.path(path).read_text().splitlines()]

    def table(self, name: str, dataset: str = "quiz") -> list[dict[str, str]]:
        return list(read_csv(self.path(f"results/{dataset}/{table_file(name)}")).rows)

    def json(self, path: str) -> dict:
        return json.loads(self.path(path).read_text())

    def path(self, path: str) -> Path:
        return self.folder / path

    def edit(self, path: str, old: str, new: str) -> None:
        text = self.path(path).read_text()
        assert old in text, f"{old!r} is not in {path}"
        self.path(path).write_text(text.replace(old, new))


def write_project(folder: Path) -> Project:
    """A benchmark that has not been run."""
    (folder / "notes").mkdir(parents=True)
    for name, text in DOCUMENTS.items():
        (folder / "notes" / f"{name}.txt").write_text(text)
    (folder / "quiz.csv").write_text(QUESTIONS)
    (folder / "published.csv").write_text(SUBMISSION)
    (folder / "config.yaml").write_text(CONFIG)
    write_tiny_model(folder / "weights", positions=2048)
    for name, content in PARSED.items():
        (folder / name).parent.mkdir()
        (folder / name).write_bytes(content)
    return Project(folder)
