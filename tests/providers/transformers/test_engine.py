import pytest
from tiny_model import write_tiny_model

from modellab.errors import InputError
from modellab.providers.transformers.options import TransformersOptions
from modellab.records import Message, Question, Request


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_tiny_model(tmp_path_factory.mktemp("model"))


def options(folder, **more):
    defaults = {"device": "cpu", "max_new_tokens": 12, "dtype": "float32"}
    return TransformersOptions(provider="transformers", model=str(folder), **(defaults | more))


def request(number, words=3):
    text = " ".join(["energy"] * words) + f" {number}?"
    question = Question(f"q{number}", text, {}, {}, ())
    messages = (Message("system", "Answer."), Message("user", text))
    return Request(f"{number:064x}", question, "none", 1, (), messages)


REQUESTS = [request(number, words=1 + 7 * number % 40) for number in range(12)]


def answers(given_options, requests, seed=0):
    with given_options.open(seed, {}) as model:
        return {response.key: response for response in model.answer(requests)}


def texts(given_options, requests):
    return {key: response.text for key, response in answers(given_options, requests).items()}


def test_batches_change_no_answer(folder):
    together = texts(options(folder), REQUESTS)
    alone = texts(options(folder, batch_tokens=1), REQUESTS)
    assert together == alone
    assert len(set(together.values())) > 6


def test_a_sampled_answer_does_not_depend_on_the_batch(folder):
    sampled = options(folder, temperature=1.0, top_p=0.9)
    together = texts(sampled, REQUESTS)
    some = texts(sampled, REQUESTS[5:8])
    assert some == {request.key: together[request.key] for request in REQUESTS[5:8]}
    assert together != texts(options(folder), REQUESTS)


def test_sampling_follows_the_softmax(folder):
    import torch

    from modellab.providers.transformers.sampling import RowSampler

    scores = torch.log(torch.tensor([[0.7, 0.2, 0.1]])).repeat(4000, 1)
    sampler = RowSampler(range(4000), temperature=1.0, top_p=1.0)
    drawn = sampler(torch.zeros(4000, 1, dtype=torch.long), scores).argmax(dim=-1)
    shares = torch.bincount(drawn, minlength=3) / 4000
    assert torch.allclose(shares, torch.tensor([0.7, 0.2, 0.1]), atol=0.03)


def test_a_cold_temperature_takes_the_likeliest(folder):
    assert texts(options(folder, temperature=1e-6), REQUESTS[:3]) == texts(
        options(folder), REQUESTS[:3]
    )


def test_rows_say_what_they_took(folder):
    for response in answers(options(folder, max_new_tokens=4), REQUESTS).values():
        assert response.error_class is None
        assert response.prompt_tokens > 0
        assert 0 < response.completion_tokens <= 4
        assert response.finish_reason in ("stop", "length")
        assert response.batch_size == len(REQUESTS)
        assert response.latency_seconds > 0


def test_a_prompt_that_does_not_fit_is_a_failed_row(folder):
    responses = answers(options(folder), [request(1), request(2, words=600)])
    assert responses[REQUESTS[1].key].error_class is None
    failed = responses[REQUESTS[2].key]
    assert failed.error_class == "context_too_long"
    assert failed.text is None
    assert "do not fit into the model's 512" in failed.error


def test_a_model_without_a_chat_template_reads_the_plain_text(tmp_path):
    folder = write_tiny_model(tmp_path, chat=False)
    assert answers(options(folder), [request(1)])[REQUESTS[1].key].error_class is None


def test_a_folder_that_is_not_a_model(tmp_path):
    with pytest.raises(InputError, match="not a model folder"):
        options(tmp_path).identity()


def test_other_weights_are_another_model(folder, tmp_path):
    other = write_tiny_model(tmp_path, seed=1)
    assert options(folder).identity() != options(other).identity()


def test_the_card_is_not_the_model(folder):
    before = options(folder).identity()
    (folder / "README.md").write_text("A model card.")
    assert options(folder).identity() == before


def test_greedy_identity_has_no_sampling_keys(folder):
    assert "top_p" not in options(folder).identity()
    assert options(folder, temperature=0.7).identity()["temperature"] == 0.7


def test_low_precision_ties_the_answer_to_the_batches(folder):
    assert "batch_tokens" not in options(folder).identity()
    assert "batch_tokens" in options(folder, dtype="bfloat16").identity()


def test_a_hub_model_that_is_not_cached_says_so():
    with pytest.raises(InputError, match="neither a folder here nor a model"):
        options("nobody/no-such-model").identity()


def test_an_absent_device(folder):
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a CUDA device")
    with pytest.raises(InputError, match="device 'cuda' is not there"):
        answers(options(folder, device="cuda"), REQUESTS[:1])
