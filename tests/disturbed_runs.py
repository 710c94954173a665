"""A small whole run to disturb: a local model, an API, a judge, tables, a plot and the page.

What disturbs it is drawn from a seed; what it leaves is compared with a run that nothing disturbed.
"""

import csv
import hashlib
import io
import json
import os
import re
import shutil
import signal
import time

import fault_server
import psutil

TARGETS = ("all", "judge")
CONFIG = """\
seed: 1
corpora:
  notes: {path: notes}
datasets:
  quiz: {corpus: notes, questions: quiz.csv}
retrievers:
  bm25: {kind: bm25, top_k: 2}
  shuffled: {kind: shuffled, of: bm25}
models:
  tiny:
    {provider: transformers, model: weights, size_b: 0.00002, max_new_tokens: 4, device: cpu,
     temperature: 0.5, batch_tokens: 1, retrievers: [bm25]}
  api:
    {provider: openai, model: m, base_url_env: CHAOS_URL, max_concurrent: 3}
judges:
  strict:
    kind: rubric
    metrics: [correctness]
    models: [api]
    model: {provider: openai, model: judge, base_url_env: CHAOS_URL, max_concurrent: 3}
plots: [overall_ranking]
"""
#: requests that may be on their way at once: of the model and of the judge
IN_FLIGHT = 6
#: kinds of points at which a run is ended
POINTS = ("time", "request", "new files", "half a file", "local answer")
#: what is of the clock, of the machine, or of how many runs there were
_MEASURED = re.compile(
    r"seconds|latency|per_second|_bytes$|_mb$|^run$|^runs$|timestamp|concurrency|measured_alone"
    r"|^other_work|^crc32$|^durations$|^made_by$|^resumed$"
)
#: a number on the page, and the star of one that was not measured alone
_NUMBER = re.compile(r"\d[\d.,:TZe-]*( (ms|s|min|h|[KMG]iB)\b)?( \*)?")
#: whether times were measured alone
_ALONE = re.compile(r'(?<=<td class="short ">)(yes|no)(?=</td>)')
#: rows of tables, and those of runs
_ROW = re.compile(r"(<tr\b.*?</tr>)", re.DOTALL)
_WHEN = re.compile(r"^<tr\b.*\d{4}-\d\d-\d\dT", re.DOTALL)
#: records of runs, and of states of files
_RECORDS = {"logs", ".records", "runs", "registry"}


def answer(body, _):
    """The same reply to the same request, after a moment in which it can be killed."""
    digest = int(hashlib.sha256(json.dumps(body["messages"]).encode()).hexdigest(), 16)
    said = {"score": 1 + digest % 5}
    if body["model"] == "m":
        said = {"answer_value": str(digest % 300), "ref_id": ["meena"]}
    return fault_server.good(json.dumps(said), seconds=0.2)


class Disturbed:
    """A project with runs that are ended early, and the server that they ask."""

    def __init__(self, project, server):
        self.project, self.server = project, server
        self.results = project.path("results")
        project.path("config.yaml").write_text(CONFIG)

    def start(self, **environment):
        return self.project.start(*TARGETS, CHAOS_URL=self.server.url, **environment)

    def finish(self):
        """A run to its end: its exit code, and what it printed."""
        return self.start().finish()

    def end_early(self, rng, how=signal.SIGKILL, group=True, kind=None):
        """Start a run and signal it at a random point; the kind of point, "" if it was too late."""
        # what is in flight is what a kill can cost: half of the points
        kind = kind or rng.choice([*POINTS, *["request"] * len(POINTS)])
        reached = self._point(rng, kind)
        process = self.start()
        while process.poll() is None and not reached():
            time.sleep(0.005)
        if process.poll() is None:
            process.signal(how, group)
        else:
            kind = ""
        process.finish()
        return kind

    def unlock(self):
        """Remove what `snakemake --unlock` removes; whether there was a lock."""
        locks = self.project.path(".snakemake/locks")
        found = any(locks.glob("*"))
        shutil.rmtree(locks, ignore_errors=True)
        return found

    def children(self, seconds=10):
        """Processes still at work in the project, after a moment in which they may end."""
        until = time.monotonic() + seconds
        while (found := self._at_work()) and time.monotonic() < until:
            time.sleep(0.1)
        return found

    def parts(self):
        return [name for name in self._files() if name.endswith(".part")]

    def answers_twice(self):
        """The number of repeated answers in journals."""
        keys = [(path, answer["key"]) for path, answer in self.answers()]
        return len(keys) - len(set(keys))

    def answers(self, model="*"):
        """What journals hold: their paths, and each answer."""
        return [
            (path, json.loads(line)["response"])
            for path in (self.results / "quiz" / "journal").rglob(f"{model}.jsonl")
            # a line that is being written has no end yet
            for line in path.read_text().splitlines(keepends=True)
            if line.endswith("\n")
        ]

    def _at_work(self):
        folder = str(self.project.folder)
        return [
            process.info["cmdline"]
            for process in psutil.process_iter(["cwd", "cmdline"])
            if process.info["cwd"] == folder
        ]

    def _point(self, rng, kind):
        began, asked, done = time.monotonic(), len(self.server.bodies), len(self._files())
        answered = len(self.answers("tiny"))
        seconds, more = rng.uniform(0.5, 6), rng.randrange(1, 8)
        kinds = {
            "time": lambda: time.monotonic() > began + seconds,
            "request": lambda: len(self.server.bodies) >= asked + more,
            "new files": lambda: len(self._files()) >= done + more,
            "half a file": lambda: bool(self.parts()),
            "local answer": lambda: len(self.answers("tiny")) > answered,
        }
        # a request is waited for, however long it takes
        patience = 60 if kind == "request" else 10
        return lambda: kinds[kind]() or time.monotonic() > began + patience

    def _files(self):
        return [name for _, folders, names in os.walk(self.results) for name in folders + names]


def contents(results):
    """Every result by its path, without measured values, as text that can be compared."""
    paths = [path for path in sorted(results.rglob("*")) if path.is_file()]
    kept = [path for path in paths if not _RECORDS & set(path.relative_to(results).parts)]
    return {
        str(path.relative_to(results)): _content(path)
        for path in kept
        if not path.name.endswith((".runs.json", ".round.json"))
    }


def _content(path):
    if path.suffix not in (".json", ".jsonl", ".csv", ".html"):
        return hashlib.sha256(path.read_bytes()).hexdigest()
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return json.dumps(_unmeasured(json.loads(text)), indent=1)
    if path.suffix == ".html":
        kept = "".join(row for row in _ROW.split(text) if not _WHEN.search(row))
        plain = _NUMBER.sub("#", _ALONE.sub("", kept.replace("short warn", "short ")))
        # the times of a run that was killed are not known, and counted as such
        return "\n".join(filter(str.strip, plain.replace("(n=# # failed)", "(n=#)").splitlines()))
    if path.suffix == ".csv":
        rows = [_unmeasured(row) for row in csv.DictReader(io.StringIO(text))]
        return "\n".join(json.dumps(_long(row)) for row in rows)
    rows = [json.dumps(_unmeasured(json.loads(line))) for line in text.splitlines()]
    # answers come in the order in which the server gives them
    return "\n".join(sorted(rows) if "journal" in path.parts else rows)


def _long(row):
    """A row of a long table, without its value where that is measured."""
    if _MEASURED.search(row.get("metric") or row.get("check") or ""):
        return {name: row[name] for name in row if name in ("model", "system", "metric", "check")}
    return row


def _unmeasured(data):
    if isinstance(data, dict):
        return {k: _unmeasured(v) for k, v in data.items() if not _MEASURED.search(k)}
    return [_unmeasured(one) for one in data] if isinstance(data, list) else data
