import json
import shutil
from dataclasses import replace

import pytest
from tiny_model import write_tiny_model

from modellab.core.errors import InputError
from modellab.core.records import Message
from modellab.models.generators.transformers.options import TOKENS_WITHOUT_CUDA

pytestmark = pytest.mark.slow


def test_batches_change_no_answer(folder, options, requests, texts):
    together = texts(options(folder), requests)
    alone = texts(options(folder, batch_tokens=1), requests)
    assert together == alone
    assert len(set(together.values())) > 6


def test_a_sampled_answer_does_not_depend_on_the_batch(folder, options, requests, texts):
    sampled = options(folder, temperature=1.0, top_p=0.9)
    together = texts(sampled, requests)
    some = texts(sampled, requests[5:8])
    assert some == {request.key: together[request.key] for request in requests[5:8]}
    assert together != texts(options(folder), requests)


def test_sampling_follows_the_softmax(folder):
    import torch

    from modellab.models.generators.transformers.processors import RowSampler

    scores = torch.log(torch.tensor([[0.7, 0.2, 0.1]])).repeat(4000, 1)
    sampler = RowSampler(range(4000), temperature=1.0, top_p=1.0)
    drawn = sampler(torch.zeros(4000, 1, dtype=torch.long), scores).argmax(dim=-1)
    shares = torch.bincount(drawn, minlength=3) / 4000
    assert torch.allclose(shares, torch.tensor([0.7, 0.2, 0.1]), atol=0.03)


def test_a_temperature_near_zero_is_greedy(folder, options, requests, texts):
    assert texts(options(folder, temperature=1e-6), requests[:3]) == texts(
        options(folder), requests[:3]
    )


def test_rows_say_what_they_took(folder, options, requests, answers):
    for response in answers(options(folder, max_new_tokens=4), requests).values():
        assert response.error_class is None
        assert response.prompt_tokens > 0
        assert 0 < response.completion_tokens <= 4
        assert response.finish_reason in ("stop", "length")
        assert response.batch_size == len(requests)
        assert response.latency_seconds > 0


def test_a_prompt_that_does_not_fit_is_a_failed_row(folder, options, requests, request_of, answers):
    responses = answers(options(folder), [request_of(1), request_of(2, words=600)])
    assert responses[requests[1].key].error_class is None
    failed = responses[requests[2].key]
    assert failed.error_class == "context_too_long"
    assert failed.text is None
    assert "do not fit into the model's 512" in failed.error


def test_a_model_without_a_chat_template_reads_the_plain_text(
    tmp_path, options, requests, request_of, answers
):
    folder = write_tiny_model(tmp_path, chat=False)
    assert answers(options(folder), [request_of(1)])[requests[1].key].error_class is None


def test_a_folder_that_is_not_a_model(tmp_path, options):
    with pytest.raises(InputError, match="not a model folder"):
        options(tmp_path).fingerprint()


def test_other_weights_are_another_model(folder, tmp_path, options):
    other = write_tiny_model(tmp_path, seed=1)
    assert options(folder).fingerprint() != options(other).fingerprint()


def test_the_gpu_is_not_the_model(folder, options):
    before = options(folder).fingerprint()
    (folder / "README.md").write_text("A model GPU.")
    assert options(folder).fingerprint() == before


def test_greedy_identity_has_no_sampling_keys(folder, options):
    assert "top_p" not in options(folder).fingerprint()
    assert options(folder, temperature=0.7).fingerprint()["temperature"] == 0.7


def test_low_precision_ties_the_answer_to_the_batches(folder, options):
    assert "batch_tokens" not in options(folder).fingerprint()
    assert "batch_tokens" in options(folder, dtype="bfloat16").fingerprint()


def test_a_hub_model_that_is_not_cached_says_so(options):
    with pytest.raises(InputError, match="neither a folder here nor a model"):
        options("nobody/no-such-model").fingerprint()


def test_an_absent_device(folder, options, requests, answers):
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a CUDA device")
    with pytest.raises(InputError, match="device 'cuda' is not present"):
        answers(options(folder, device="cuda"), requests[:1])


def test_no_stop_text_is_in_an_answer(folder, options, requests, answers):
    free = answers(options(folder, max_new_tokens=40), requests)
    stop = next(row.text for row in free.values() if len(row.text) > 20)[8:10]
    together = answers(options(folder, max_new_tokens=40, stop=[stop]), requests)
    alone = answers(options(folder, max_new_tokens=40, stop=[stop], batch_tokens=1), requests)
    cut = 0
    for key, row in together.items():
        assert row.text == alone[key].text == free[key].text.split(stop)[0].strip()
        assert row.completion_tokens == alone[key].completion_tokens
        if stop in free[key].text:
            cut += 1
            assert row.finish_reason == "stop"
            assert row.completion_tokens < free[key].completion_tokens
    assert cut


def test_a_special_token_may_end_an_answer(folder, options, request_of, answers):
    [row] = answers(options(folder, stop=["<|user|>"]), [request_of(1)]).values()
    assert row.error is None


def test_every_row_names_its_precision(folder, options, requests, answers):
    rows = answers(options(folder, dtype="bfloat16"), requests).values()
    assert {(row.dtype, row.quantization, row.method) for row in rows} == {
        ("bfloat16", "none", "static")
    }
    assert all(row.queue_seconds >= 0 for row in rows)


def test_the_decoding_settings_that_come_with_the_weights_change_nothing(
    folder, options, requests, texts, tmp_path
):
    import json

    other = shutil.copytree(folder, tmp_path / "penal")
    settings = json.loads((other / "generation_config.json").read_text())
    settings |= {"repetition_penalty": 5.0, "do_sample": True, "temperature": 2.0}
    (other / "generation_config.json").write_text(json.dumps(settings))
    assert texts(options(other), requests) == texts(options(folder), requests)


def test_the_report(folder, options, requests):
    with options(folder, warmup=2).open(0, {}) as model:
        list(model.answer(requests))
    report = model.report()
    assert [reading["at"] for reading in report["memory"]] == [
        "start",
        "loaded",
        "warm",
        "answered",
        "closed",
    ]
    assert report["device"] == "cpu" and report["dtype"] == "float32"
    assert report["parameters"] > 20_000 and report["load_seconds"] > 0
    assert report["batch_tokens"] == TOKENS_WITHOUT_CUDA


def test_no_gpu_is_held_after_the_end(folder, options, request_of):
    import gc

    from transformers import PreTrainedModel

    with options(folder).open(0, {}) as model:
        list(model.answer([request_of(1)]))
    gc.collect()
    assert not [held for held in gc.get_objects() if isinstance(held, PreTrainedModel)]
    assert model.report()["memory"][-1]["at"] == "closed"


def test_a_model_that_does_not_fit(folder, options):
    limited = options(folder, vram_limit_gb=1e-6)
    message = r"GB are free, the weights need about .* GB; try"
    with pytest.raises(InputError, match=message), limited.open(0, {}):
        pass


def test_an_unknown_attention(folder, options):
    unknown = options(folder, attn_implementation="nonsense")
    message = "attn_implementation 'nonsense' cannot be used"
    with pytest.raises(InputError, match=message) as caught, unknown.open(0, {}):
        pass
    assert "\n" not in str(caught.value)


def test_weights_that_are_no_weights(folder, options, tmp_path):
    other = shutil.copytree(folder, tmp_path / "broken")
    (other / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(InputError, match="cannot be loaded"), options(other).open(0, {}):
        pass


def test_a_git_lfs_pointer_instead_of_weights(folder, options, tmp_path):
    other = shutil.copytree(folder, tmp_path / "cloned")
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 887192\n"
    (other / "model.safetensors").write_bytes(pointer)
    for check in (options(other).fingerprint, lambda: list(options(other).preflight("m"))):
        with pytest.raises(InputError, match=r"model.safetensors: a pointer of Git LFS") as caught:
            check()
        assert "git lfs pull" in str(caught.value)


def test_weights_that_are_not_complete(folder, options, tmp_path):
    other = shutil.copytree(folder, tmp_path / "half")
    data = (other / "model.safetensors").read_bytes()
    (other / "model.safetensors").write_bytes(data[: len(data) // 2])
    with pytest.raises(InputError, match="damaged or not complete"), options(other).open(0, {}):
        pass


def test_a_tokenizer_with_more_tokens_than_the_model(folder, options, requests, tmp_path):
    other = shutil.copytree(folder, tmp_path / "other")
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(other)
    tokenizer.add_tokens([f"new{n}" for n in range(2000)])
    tokenizer.save_pretrained(other)
    asked = [replace(requests[0], messages=(Message("user", "What is new1999?"),))]
    with options(other).open(0, {}) as model:
        with pytest.raises(InputError, match="do not belong together") as caught:
            list(model.answer(asked))
        assert "new1999" in str(caught.value)


def test_settings_of_the_hub_do_not_change_greedy_answers(
    folder, options, requests, texts, tmp_path
):
    other = shutil.copytree(folder, tmp_path / "penalised")
    settings = {"repetition_penalty": 1.9, "temperature": 0.7, "top_k": 20, "do_sample": True}
    path = other / "generation_config.json"
    own = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(own | settings))
    assert texts(options(other), requests) == texts(options(folder), requests)
    with options(other).open(0, {}) as model:
        assert settings.items() <= model.report()["ignored_settings"].items()


def test_how_many_gpus(folder, options):
    assert options(folder).gpu_need() == 0
    assert options(folder, device="auto", gpus=2).gpu_need() == 2
    assert options(folder, device="auto", gpus=2).placement("cuda") == "auto"
    assert options(folder, device="auto").placement("cuda") == "cuda"


def test_a_device_map_without_gpus(folder, options):
    with pytest.raises(ValueError, match="leave it out"):
        options(folder, device_map="auto")


def test_a_batch_that_runs_out_of_memory_is_halved(
    folder, options, requests, answers, texts, monkeypatch
):
    from modellab.models.generators.transformers.memory import MemoryWatch

    def four_rows_at_most(self, input_ids, scores):
        if len(scores) > 4:
            raise MemoryError
        return scores

    plenty = texts(options(folder), requests)
    monkeypatch.setattr(MemoryWatch, "__call__", four_rows_at_most)
    rows = answers(options(folder), requests)
    assert {key: row.text for key, row in rows.items()} == plenty
    assert max(row.batch_size for row in rows.values()) <= 4


def test_a_row_that_fits_no_memory_fails(folder, options, requests, answers, monkeypatch):
    from modellab.models.generators.transformers.memory import MemoryWatch

    def nothing_fits(self, input_ids, scores):
        raise MemoryError

    monkeypatch.setattr(MemoryWatch, "__call__", nothing_fits)
    # two are tried together, and then each alone
    rows = answers(options(folder), requests[:2])
    assert len(rows) == 2
    assert {row.error_class for row in rows.values()} == {"out_of_memory"}


NO_SYSTEM = (
    "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system role') }}"
    "{% endif %}<|{{ m.role }}|>{{ m.content }}{% endfor %}"
)


def with_template(folder, template):
    (folder / "chat_template.jinja").write_text(template)
    return folder


def test_a_template_without_a_system_role_gets_it_in_the_user_message(
    tmp_path, options, request_of, answers
):
    folder = with_template(write_tiny_model(tmp_path), NO_SYSTEM)
    asked = request_of(1)
    [response] = answers(options(folder), [asked]).values()
    assert response.error_class is None
    alone = replace(
        asked,
        messages=(Message("user", f"{asked.messages[0].content}\n\n{asked.messages[1].content}"),),
    )
    assert answers(options(folder), [alone])[alone.key].text == response.text


def test_a_template_that_refuses_everything_is_one_line(tmp_path, options, request_of, answers):
    folder = with_template(write_tiny_model(tmp_path), "{{ raise_exception('never') }}")
    with pytest.raises(InputError, match="the model's chat template refuses the prompt: never"):
        answers(options(folder), [request_of(1)])


def test_a_folder_without_a_tokenizer(tmp_path, options, request_of, answers):
    folder = write_tiny_model(tmp_path)
    for path in folder.glob("tokenizer*"):
        path.unlink()
    with pytest.raises(InputError, match=str(folder)):
        answers(options(folder), [request_of(1)])


def test_broken_weights_are_named(tmp_path, options, request_of, answers):
    folder = write_tiny_model(tmp_path)
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(InputError, match=str(folder)):
        answers(options(folder), [request_of(1)])
