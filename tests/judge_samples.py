"""A judge that plays, questions with answers, and a finished judge job."""

import json
from contextlib import contextmanager

from modellab.core.io.jsonl import write_rows
from modellab.core.records import Context, Passage, Prediction, Question, Response, Status
from modellab.judging import parse_judge
from modellab.judging.judge import JudgeJob, judge_dataset
from modellab.models.chat import ChatOptions
from modellab.models.protocol import Model

#: what was asked, in order; tests clear it
ASKED = []
PROMPTS = "resources/prompts/judges"


class PlayingOptions(ChatOptions):
    """`play(messages)` gives the text, or a Response without its key."""

    provider: str = "playing"
    play: object
    name: str = "one"

    def fingerprint(self):
        return {"name": self.name, **self.decoding()}

    def cache_key_fields(self):
        return {"name": self.name}

    @contextmanager
    def open(self, seed, answer_schema):
        yield PlayingModel(self.play)


class PlayingModel(Model):
    def __init__(self, play):
        self.play = play

    def answer(self, requests):
        for request in requests:
            ASKED.append(request)
            said = self.play([message.content for message in request.messages])
            if isinstance(said, Response):
                yield Response(**{**vars(said), "key": request.key})
            else:
                yield Response(
                    request.key,
                    said,
                    completion_tokens=3,
                    prompt_tokens=7,
                    latency_seconds=0.5,
                    cost_usd=0.01,
                )


def failure(error_class):
    return Response("", None, error_class=error_class, error="it went wrong")


QUESTIONS = [
    Question("q1", "How much energy did GPT-3 take?", {}, {"answer": "1287 MWh"}, ("gpt",)),
    Question("q2", "Who trained Meena?", {}, {"answer": "Google"}, ("meena",)),
    Question(
        *("q3", "How many penguins?", {}, {"answer": "is_blank", "answer_value": "is_blank"}, ()),
        unanswerable=True,
    ),
]
PASSAGES = {
    "q1": ("GPT-3 took 1287 MWh.", "Meena took 232 MWh."),
    "q2": ("Google trained Meena.", "Water is wet."),
    "q3": ("There is ice.",),
}
ANSWERS = {"q1": "It took 1287 MWh.", "q2": "Amazon trained Meena.", "q3": None}


def passage(question, number, text):
    return Passage(f"{question}#{number}", "d", number, 1.0, text, "Title")


def prediction(question, answer, retriever="bm25", repeat=1, status=None):
    said = {} if answer is None else {"answer": answer}
    found = status or (Status.ABSTAINED if answer is None else Status.ANSWERED)
    ids = tuple(f"{question}#{n}" for n in range(1, len(PASSAGES[question]) + 1))
    return Prediction(question, retriever, repeat, found, said, None, "k", passages=ids)


def write_benchmark(folder, answers=None, questions=QUESTIONS):
    """Questions, one model's answers and the passages of one retriever, as files."""
    folder.mkdir(exist_ok=True)
    answers = ANSWERS if answers is None else answers
    rows = answers if isinstance(answers, list) else [prediction(*row) for row in answers.items()]
    write_rows(folder / "questions.jsonl", questions)
    write_rows(folder / "predictions.jsonl", rows)
    contexts = [
        Context(
            name, "bm25", tuple(passage(name, n, text) for n, text in enumerate(texts, start=1))
        )
        for name, texts in PASSAGES.items()
    ]
    write_rows(folder / "bm25.jsonl", contexts)
    return folder


def job(folder, play, prompts, others=None, chunks=None, seed=0, model=None, **keys):
    entry = {"kind": "rubric", "model": "m", **keys}
    judge = parse_judge(entry).with_model(PlayingOptions(play=play, **(model or {})))
    return JudgeJob(
        task="wattbot",
        judge="judge",
        dataset="quiz",
        models=["m"],
        options=judge,
        prompts=list(judge.prompt_files(prompts).values()),
        questions=folder / "questions.jsonl",
        predictions={"m": folder / "predictions.jsonl", **(others or {})},
        contexts={"bm25": folder / "bm25.jsonl"},
        chunks=chunks,
        retrievers=None,
        journal=folder / "journal.jsonl",
        seed=seed,
    )


def run(judge_job, folder):
    """The rows as plain data, and the record."""
    judge_dataset(judge_job, folder / "out.jsonl", folder / "run.json")
    rows = [json.loads(line) for line in (folder / "out.jsonl").read_text().splitlines()]
    return rows, json.loads((folder / "run.json").read_text())
