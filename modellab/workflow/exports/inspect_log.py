"""Inspect: an evaluation log for each system, which inspect_ai reads and its viewer shows.

Source of the format: `inspect_ai.log.EvalLog`, version 2.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from modellab.core.fingerprint import digest
from modellab.core.io.jsonl import write_json
from modellab.core.project import VERSION
from modellab.core.records import Status
from modellab.workflow.exports.protocol import Exported, ScoredAnswer, SystemResults

_VERSION = 2
#: our finish reasons by inspect's names
_STOPS = {"stop": "stop", "length": "max_tokens", "content_filter": "content_filter"}


def write(exported: Exported, folder: Path) -> Sequence[str]:
    """Write `{system}.json`."""
    for system in exported.systems():
        write_json(folder / f"{system.name}.json", _log(exported, system))
    return ()


def _log(exported: Exported, system: SystemResults) -> dict[str, Any]:
    model, summary, time = system.model, system.summary, f"{system.finished:%Y-%m-%dT%H:%M:%SZ}"
    name = digest({"dataset": exported.dataset, "system": system.name, "time": time})[:22]
    overall = list(summary.metrics)[-1]
    ids = [question.id for question in exported.questions]
    return {
        "version": _VERSION,
        "status": "success",
        "eval": {
            "eval_id": name,
            "run_id": name,
            "created": time,
            "task": exported.dataset,
            "task_id": name,
            "dataset": {"name": exported.dataset, "samples": len(ids), "sample_ids": ids},
            "model": _model(system),
            "config": {"epochs": summary.repeats},
            "packages": {"modellab": VERSION},
            "metadata": {"system": system.name, "task": model.task, "missing": model.missing},
        },
        "results": {
            "total_samples": len(system.answers),
            "completed_samples": sum(answer.text is not None for answer in system.answers),
            "scores": [
                {
                    "name": model.scorer,
                    "scorer": model.scorer,
                    "scored_samples": summary.metrics[overall].n_scored,
                    "metrics": {
                        name: {"name": name, "value": metric.value}
                        for name, metric in summary.metrics.items()
                        if metric.value is not None
                    },
                }
            ],
        },
        "stats": {"started_at": time, "completed_at": time},
        "samples": [_sample(exported, system, answer) for answer in system.answers],
    }


def _model(system: SystemResults) -> str:
    """Provider and model, as inspect names models."""
    provider, name = system.model.llm_provider, system.model.model_id
    return name if name.startswith(f"{provider}/") else f"{provider}/{name}"


def _sample(exported: Exported, system: SystemResults, answer: ScoredAnswer) -> dict[str, Any]:
    """The prompt is not part of the results: the input is the question."""
    question, prediction = answer.question, answer.prediction
    tokens = {"input": prediction.prompt_tokens, "output": prediction.completion_tokens}
    known = {f"{name}_tokens": count for name, count in tokens.items() if count is not None}
    usage = {**known, "total_tokens": sum(known.values())} if known else None
    found: dict[str, Any] = {
        "id": question.id,
        "epoch": prediction.repeat,
        "input": question.text,
        "target": exported.task.true_text(question) or "",
        "messages": [{"role": "user", "content": question.text}],
        "output": {"model": _model(system), "choices": [], "usage": usage},
        "scores": {system.model.scorer: _score(answer)},
        "metadata": {
            "passages": list(prediction.passages),
            "tags": list(question.tags),
            "raw": prediction.raw,
        },
    }
    if prediction.latency_seconds is not None:
        found["output"]["time"] = found["total_time"] = prediction.latency_seconds
    if answer.text is not None:
        stop = _STOPS.get(prediction.finish_reason or "stop", "unknown")
        message = {"role": "assistant", "content": answer.text, "source": "generate"}
        found["output"] |= {"choices": [{"message": message, "stop_reason": stop}]}
        found["messages"] += [message]
    if prediction.status in (Status.FAILED, Status.MISSING):
        text = prediction.error or str(prediction.status)
        found["error"] = {"message": text, "traceback": "", "traceback_ansi": ""}
    return found


def _score(answer: ScoredAnswer) -> Mapping[str, Any]:
    """All scores that apply to the answer, by name."""
    known = {name: value for name, value in answer.scores.items() if value is not None}
    return {
        "value": known,
        "answer": answer.text,
        "metadata": {"status": str(answer.prediction.status), "outcome": answer.outcome},
    }
