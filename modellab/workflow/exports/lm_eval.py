"""lm-eval: the samples that `--log_samples` writes, and the results beside them.

Source of the format: lm-evaluation-harness, `EvaluationTracker.save_results_samples`: a folder per
model, in it `samples_{task}_{time}.jsonl` and `results_{time}.json`.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from modellab.core.io.atomic import atomic_file
from modellab.core.io.jsonl import dump_json, write_json
from modellab.models.submission_logs import INVALID
from modellab.workflow.exports.protocol import Exported, ScoredAnswer, SystemResults

#: the filter that takes the first of several replies
_FILTER = "take_first"


def write(exported: Exported, folder: Path) -> Sequence[str]:
    """Write `{system}/samples_{dataset}_{time}.jsonl` and `{system}/results_{time}.json`."""
    for system in exported.systems():
        time = f"{system.finished:%Y-%m-%dT%H-%M-%S}.000000"
        own = folder / system.name
        with atomic_file(own / f"samples_{exported.dataset}_{time}.jsonl") as handle:
            for row in _samples(exported, system):
                handle.write(dump_json(row) + "\n")
        write_json(own / f"results_{time}.json", _results(exported, system))
    return ()


def _samples(exported: Exported, system: SystemResults) -> Iterator[dict[str, Any]]:
    """One per question, with its repeats as the replies."""
    answers: dict[str, list[ScoredAnswer]] = {}
    for answer in system.answers:
        answers.setdefault(answer.question.id, []).append(answer)
    for number, (name, own) in enumerate(answers.items()):
        question, first = own[0].question, own[0]
        doc = {"id": name, "question": question.text, **question.inputs}
        target = exported.task.true_text(question) or ""
        yield {
            "doc_id": number,
            "doc": doc,
            "target": target,
            "arguments": {"gen_args_0": {"arg_0": question.text, "arg_1": {}}},
            "resps": [[answer.prediction.raw or "" for answer in own]],
            "filtered_resps": [INVALID if first.text is None else first.text],
            "filter": _FILTER,
            "metrics": list(first.scores),
            "doc_hash": _hash(dump_json(doc)),
            "prompt_hash": _hash(question.text),
            "target_hash": _hash(target),
            "status": str(first.prediction.status),
            "outcome": first.outcome,
            **first.scores,
        }


def _results(exported: Exported, system: SystemResults) -> Mapping[str, Any]:
    """Metrics of all repeats, each with its `n`."""
    found: dict[str, Any] = {"alias": exported.dataset}
    for name, metric in system.summary.metrics.items():
        value = "N/A" if metric.value is None else metric.value
        found |= {f"{name},{_FILTER}": value, f"{name}_stderr,{_FILTER}": "N/A"}
        found |= {f"{name}_n,{_FILTER}": metric.n_scored}
    asked = system.summary.num_questions
    return {
        "results": {exported.dataset: found},
        "n-samples": {exported.dataset: {"original": asked, "effective": asked}},
        "config": {"model": system.model.llm_provider, "model_args": system.model.model_id},
        "date": system.finished.timestamp(),
        "model_name": system.name,
    }


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()
