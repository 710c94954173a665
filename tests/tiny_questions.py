"""Questions of the tiny world, as requests that a shipped reader answers rightly or not."""

from pathlib import Path

from modellab.core.records import Passage, Request
from modellab.corpus.readers import table
from modellab.models.prompts import load_prompt
from modellab.questions.wattbot import WattBotFormat
from modellab.tasks.wattbot.published import normalise_boolean, normalise_number, same_value
from modellab.tasks.wattbot.task import WattBotOptions

ROOT = Path(__file__).parents[1]
WORLD = ROOT / "resources" / "tiny-world"
READER = ROOT / "resources" / "models" / "tiny-reader-0.4m"


def tiny_requests(count):
    """Answerable questions in known phrasings, with their document and two others."""
    documents = table.read(WORLD / "corpus.jsonl").documents
    prompt, task = (
        load_prompt(ROOT / "resources/prompts/tiny_reader.jinja"),
        WattBotOptions(kind="wattbot"),
    )
    rows = WattBotFormat(kind="wattbot", tag_columns=("phrasing",)).read(WORLD / "questions.csv")
    requests = []
    for at, question in enumerate([row for row in rows if row.tags == ("Quote",)][:count]):
        [reference] = [one for one in documents if one.id in question.references]
        found = [documents[at], reference, documents[-1 - at]]
        passages = tuple(
            Passage(one.id, one.id, rank, 1.0, one.text, one.title)
            for rank, one in enumerate(dict.fromkeys(found), start=1)
        )
        messages = prompt.messages(task.variables(question, passages))
        key = f"{at:08x}" * 8
        requests.append(Request(key, question, "oracle", 1, passages, messages))
    return requests


def right_values(requests, texts):
    """How many of the answers, by key of their request, have the right value."""
    values = [
        WattBotOptions(kind="wattbot").parse(texts[one.key]).answer["answer_value"]
        for one in requests
    ]
    return sum(
        same_value(
            one.question.reference["answer_value"], normalise_number(normalise_boolean(value))
        )
        for one, value in zip(requests, values, strict=True)
    )


def right_references(requests, texts):
    return sum(
        request.question.references[0]
        in WattBotOptions(kind="wattbot").parse(texts[request.key]).answer["ref_id"]
        for request in requests
    )
