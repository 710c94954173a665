import base64
import threading
import time

import pytest
from ollama_requests import answered, asked, options
from ollama_server import Spec

from modellab.core.errors import InputError


def test_a_row_says_what_the_server_says(ollama):
    (row,), _ = answered(options(ollama), asked())
    assert row.text.startswith("answer ")
    assert (row.prompt_tokens, row.completion_tokens) == (9, 2)
    assert (row.finish_reason, row.retries, row.error_class) == ("stop", 0, None)
    assert (row.quantization, row.dtype, row.method, row.batch_size) == ("Q4_K_M", None, None, None)


def test_generation_and_waiting_are_separate(ollama):
    ollama.chat_seconds = 0.1
    # somebody unloads the model, so that the request has to wait until it is loaded again
    ollama.faults = [lambda server: server.runners.clear()]
    entry = options(ollama)
    with entry.open(0, {}) as model:
        ollama.load_seconds = 0.3
        (row,) = model.answer(asked())
    assert 0.1 <= row.latency_seconds < 0.3
    assert row.queue_seconds >= 0.3


def test_the_settings_are_sent(ollama):
    entry = options(ollama, max_new_tokens=7, context_tokens=2048, stop=("\n\n",))
    answered(entry, asked(), seed=11)
    (sent,) = ollama.asked("/api/chat")
    assert sent["model"] == "qwen3:4b"
    assert sent["stream"] is False
    assert sent["options"] == {
        "num_ctx": 2048,
        "num_predict": 7,
        "temperature": 0.0,
        "seed": 11,
        "stop": ["\n\n"],
    }
    assert (sent["truncate"], sent["shift"]) == (False, False)
    assert "format" not in sent
    assert "think" not in sent


def test_sampling_has_a_seed_per_row(ollama):
    entry = options(ollama, temperature=0.7, top_p=0.9)
    first, _ = answered(entry, asked(3))
    again, _ = answered(entry, asked(3))
    sent = [body["options"] for body in ollama.asked("/api/chat")]
    assert {(body["temperature"], body["top_p"], body["top_k"]) for body in sent} == {(0.7, 0.9, 0)}
    assert len({body["seed"] for body in sent[:3]}) == 3
    assert [row.text for row in first] == [row.text for row in again]


def test_the_model_is_loaded_once_with_the_settings_of_the_requests(ollama):
    answered(options(ollama, context_tokens=2048), asked(3))
    assert ollama.loads == ["qwen3:4b"]


def test_an_answer_that_is_cut_by_its_length(ollama):
    (row,), _ = answered(options(ollama, max_new_tokens=1), asked())
    assert (row.text, row.finish_reason, row.completion_tokens) == ("answer", "length", 1)


def test_constrained_answers(ollama):
    schema = {"type": "object", "properties": {"value": {"type": "string"}}}
    answered(options(ollama, answer_format="json_schema"), asked(), schema=schema)
    assert ollama.asked("/api/chat")[0]["format"] == schema


def test_thoughts_are_no_part_of_the_answer(ollama):
    ollama.specs.append(Spec("thinker:1b", capabilities=("completion", "thinking")))
    (row,), _ = answered(options(ollama, "thinker:1b"), asked())
    assert "let me see" not in row.text
    answered(options(ollama, "thinker:1b", think=False), asked())
    assert ollama.asked("/api/chat")[-1]["think"] is False


@pytest.mark.parametrize(("at_once", "most"), [(1, 1), (3, 3)])
def test_no_more_requests_at_once_than_allowed(ollama, at_once, most):
    ollama.chat_seconds = 0.05
    rows, _ = answered(options(ollama, max_concurrent=at_once), asked(7))
    assert len({row.key for row in rows}) == 7
    assert ollama.most_chats == most


def test_each_answer_comes_as_soon_as_it_exists(ollama):
    requests = asked(3)  # the first goes alone
    slow = requests[1].messages[1].content
    ollama.reply = lambda body: time.sleep(0.5 * (body["messages"][1]["content"] == slow)) or "5"
    with options(ollama, max_concurrent=2).open(0, {}) as model:
        order = [row.key for row in model.answer(requests)]
    assert order == [requests[0].key, requests[2].key, requests[1].key]


def test_leaving_early_asks_no_further(ollama):
    ollama.chat_seconds = 0.02
    with options(ollama).open(0, {}) as model:
        answers = model.answer(asked(50))
        next(answers)
        answers.close()
    assert len(ollama.asked("/api/chat")) < 10


def test_a_prompt_that_the_server_cut_is_no_answer(ollama):
    (row,), _ = answered(options(ollama, context_tokens=16), asked(text="word " * 40))
    assert (row.text, row.error_class) == (None, "context_too_long")
    assert "raise `context_tokens`" in row.error


def test_images(ollama, tmp_path):
    picture = tmp_path / "page.png"
    picture.write_bytes(b"\x89PNG not really")
    ollama.specs.append(Spec("seer:7b", capabilities=("completion", "vision")))
    requests = asked(images=(str(picture),)) + asked(
        1, "Other?", images=(str(tmp_path / "no.png"),)
    )
    (row, unreadable), _ = answered(options(ollama, "seer:7b"), requests)
    assert row.error_class is None
    sent = ollama.asked("/api/chat")[0]["messages"][1]["images"]
    assert [base64.b64decode(image) for image in sent] == [picture.read_bytes()]
    assert unreadable.error_class == "bad_image"
    with pytest.raises(InputError, match="qwen3:4b reads no images"):
        answered(options(ollama), requests)


def test_two_jobs_take_turns(ollama):
    ollama.chat_seconds = 0.05
    jobs = [
        threading.Thread(target=answered, args=(options(ollama, name), asked(4)))
        for name in ("qwen3:4b", "qwen3:8b")
    ]
    for job in jobs:
        job.start()
        time.sleep(0.02)
    for job in jobs:
        job.join()
    assert ollama.most_resident == 1
    assert sorted(ollama.loads) == ["qwen3:4b", "qwen3:8b"]
