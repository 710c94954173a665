"""Options and requests for a model on the loopback server."""

from modellab.core.fingerprint import digest
from modellab.core.records import Message, Question, Request
from modellab.models.generators.ollama.options import OllamaOptions


def options(server, model="qwen3:4b", **changes):
    settings = {"base_url": server.url, "unload_seconds": 2, "timeout_seconds": 5, **changes}
    return OllamaOptions(provider="ollama", model=model, **settings)


def asked(count=1, text="How much?", images=()):
    return [request(number, text, images) for number in range(count)]


def request(number, text, images=()):
    question = Question(f"q{number}", text, {}, {}, ())
    messages = (Message("system", "Be brief."), Message("user", f"{text} {number}", images))
    return Request(digest([number, text]), question, "bm25", 1, (), messages)


def answered(entry, requests, seed=0, schema=None):
    """Responses in the order of the requests, and the report."""
    with entry.open(seed, schema or {}) as model:
        responses = {response.key: response for response in model.answer(requests)}
    return [responses[request.key] for request in requests], model.report()
