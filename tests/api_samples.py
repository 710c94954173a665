"""Requests, options and outcomes for the tests of models behind an API."""

from modellab.core.records import Message, Question, Request
from modellab.models.asking.options import LitellmOptions, OpenAIOptions

KEY = "sk-test-0123456789"


def request(number, text="What?"):
    question = Question(f"q{number}", text, {}, {}, ())
    messages = (Message("system", "Answer."), Message("user", f"{text} {number}"))
    return Request(f"{number:08x}" * 8, question, "none", 1, (), messages)


def requests(number):
    return [request(n) for n in range(number)]


def options(url, **more):
    """Names with a slash are LiteLLM's."""
    given = {"model": "m", "base_url": url, "api_key_env": "TEST_KEY", "timeout_seconds": 10}
    given |= {"wait_seconds": 0.1} | more
    if "/" in given["model"]:
        return LitellmOptions(provider="litellm", **given)
    return OpenAIOptions(provider="openai", **given)


class Outcome:
    """All responses by number of their request, the report, and the server's record."""

    def __init__(self, responses, report, server):
        self.responses = {int(response.key[:8], 16): response for response in responses}
        self.report = report
        self.server = server

    @property
    def only(self):
        [response] = self.responses.values()
        return response

    def classes(self):
        return [response.error_class for _, response in sorted(self.responses.items())]


def number_of(body):
    """Which request a body belongs to."""
    return int(body["messages"][-1]["content"].split()[-1])
