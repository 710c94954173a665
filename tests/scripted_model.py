"""A provider with scripted answers, which records what it is asked."""

import json
from contextlib import contextmanager
from dataclasses import replace

from modellab.core.io.jsonl import read_json
from modellab.core.records import Response
from modellab.generation.predict import predict
from modellab.models.chat import ChatOptions
from modellab.models.protocol import Model


class ScriptedOptions(ChatOptions):
    """Answers by question id and number of passages; `None` is an error."""

    provider: str = "scripted"
    script: dict
    name: str = "one"

    def fingerprint(self):
        return {"name": self.name, **self.decoding()}

    @contextmanager
    def open(self, seed, answer_schema):
        LOG.append("open")
        yield ScriptedModel(self.script)
        LOG.append("closed")


class ScriptedModel(Model):
    def __init__(self, script):
        self.script = script

    def answer(self, requests):
        for request in reversed(requests):
            text = self.script.get((request.question.id, len(request.passages)))
            LOG.append(request.question.id)
            if text is None:
                yield Response(request.key, None, error_class="server_error", error="no luck")
            else:
                yield Response(
                    request.key, text, completion_tokens=2, latency_seconds=0.5, answered_as="one"
                )

    def report(self):
        return {"closed": LOG[-1:] == ["closed"]}


#: what happened, in order; tests clear it
LOG = []


def reply(value):
    return json.dumps({"answer_value": value, "ref_id": ["d"]})


def with_options(job, **changes):
    return replace(job, options=job.options.model_copy(update=changes))


def run(job, tmp_path):
    predict(job, tmp_path / "out.jsonl", tmp_path / "run.json")
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    return rows, read_json(tmp_path / "run.json")
