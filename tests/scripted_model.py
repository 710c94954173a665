"""A provider whose answers are written down beforehand, and that counts what it is asked."""

from contextlib import contextmanager

from modellab.core.records import Response
from modellab.models.chat import ChatOptions


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


class ScriptedModel:
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
