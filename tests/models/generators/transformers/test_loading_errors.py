import json
import shutil

import pytest
from httpx import Request, Response
from huggingface_hub.errors import GatedRepoError

from modellab.core.errors import InputError
from modellab.models.weights import loading_error


def raised(cause, text="You are trying to access a repo."):
    try:
        raise OSError(text + "\nmore lines") from cause
    except OSError as error:
        return error


def test_a_gated_model_without_a_token(options):
    answer = Response(403, request=Request("GET", "https://huggingface.co/org/closed"))
    error = raised(GatedRepoError("403", response=answer))
    message = str(loading_error(options("org/closed"), error))
    assert message == (
        "org/closed: the hub gives this model only to those who accepted its terms: accept them "
        "at https://huggingface.co/org/closed and set HF_TOKEN"
    )


def test_a_hub_that_cannot_be_reached(options):
    error = raised(None, "We couldn't connect to 'https://huggingface.co' to load the files")
    message = str(loading_error(options("org/model"), error))
    assert "`snakemake fetch_models`" in message and "\n" not in message


@pytest.mark.parametrize("text", ["", "one\ntwo"])
def test_anything_else_is_one_line(options, text):
    message = str(loading_error(options("./folder"), ValueError(text)))
    assert message in ("./folder: cannot be loaded: ValueError", "./folder: cannot be loaded: one")


def edit(path, **changes):
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def without_weights(folder):
    (folder / "model.safetensors").unlink()


def adapter(folder):
    without_weights(folder)
    (folder / "adapter_config.json").write_text('{"base_model_name_or_path": "org/base"}')
    (folder / "adapter_model.safetensors").write_bytes(b"x")


def gguf(folder):
    without_weights(folder)
    (folder / "m-Q4_K_M.gguf").write_bytes(b"GGUF")


def checkpoint(folder):
    shutil.copytree(folder, folder / "checkpoint-9")
    (folder / "config.json").unlink()


def npz(folder):
    without_weights(folder)
    (folder / "weights.npz").write_bytes(b"x")


def own_code(folder):
    code = {"AutoConfig": "configuration_x.X", "AutoModelForCausalLM": "modeling_x.X"}
    edit(folder / "config.json", model_type="x", auto_map=code)


def encoder_decoder(folder):
    from transformers import T5Config

    T5Config().save_pretrained(folder)


#: what people name as a model, and a part of the message
FOLDERS = {
    "nothing": (shutil.rmtree, "there is no such folder"),
    "a LoRA adapter": (adapter, "a LoRA adapter of org/base"),
    "GGUF": (gguf, "`provider: served` with `engine: llama.cpp`"),
    "checkpoints": (checkpoint, "checkpoint-9 in it has one"),
    "another format": (npz, "it has weights.npz"),
    "an embedder": (
        lambda folder: (folder / "modules.json").write_text("[]"),
        "a sentence-transformers model",
    ),
    "code": (own_code, "`trust_remote_code: true`"),
    "an encoder and a decoder": (encoder_decoder, "an encoder-decoder model (t5)"),
    "a broken config": (lambda folder: (folder / "config.json").write_text("{,"), "not a valid"),
    "an inconsistent config": (
        lambda folder: edit(folder / "config.json", num_hidden_layers=9),
        "num_hidden_layers",
    ),
    "a future model": (
        lambda folder: edit(folder / "config.json", model_type="qwen99"),
        "newer version of transformers",
    ),
}


@pytest.mark.parametrize("kind", FOLDERS)
def test_a_folder_that_is_no_model_is_named_before_the_run(folder, options, tmp_path, kind):
    change, message = FOLDERS[kind]
    other = shutil.copytree(folder, tmp_path / "m")
    change(other)
    with pytest.raises(InputError) as caught:
        list(options(other).preflight("m"))
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_a_model_with_random_weights_is_not_asked(folder, options, tmp_path):
    from safetensors.torch import load_file, save_file

    other = shutil.copytree(folder, tmp_path / "m")
    weights = load_file(other / "model.safetensors")
    del weights["model.layers.0.mlp.up_proj.weight"]
    save_file(weights, other / "model.safetensors", {"format": "pt"})
    with pytest.raises(InputError, match=r"up_proj.* random"), options(other).open(0, {}):
        pass
    edit(other / "config.json", vocab_size=7)
    with pytest.raises(InputError, match="weights have other sizes"), options(other).open(0, {}):
        pass


def test_a_broken_chat_template_is_not_a_missing_system_role(
    folder, options, requests, tmp_path, caplog
):
    other = shutil.copytree(folder, tmp_path / "m")
    (other / "chat_template.jinja").write_text("{% for m in messages %}{{ m.content }")
    with options(other).open(0, {}) as model, pytest.raises(InputError, match="chat template"):
        list(model.answer(requests))
    assert "system message" not in caplog.text


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ messages[0].content + 3 }}", "refuses the prompt: can only concatenate"),
        # content in parts, which a text is not
        ("{% for m in messages %}{{ m.content[0].text }}{% endfor %}", "leaves out the user's"),
        ("", "leaves out the user's"),
    ],
)
def test_a_template_that_does_not_write_the_question(
    folder, options, request_of, tmp_path, template, message
):
    other = shutil.copytree(folder, tmp_path / "m")
    (other / "chat_template.jinja").write_text(template)
    with options(other).open(0, {}) as model, pytest.raises(InputError, match=message):
        list(model.answer([request_of(1)]))


def test_a_padding_token_without_weights_is_replaced(folder, options, requests, tmp_path, texts):
    other = shutil.copytree(folder, tmp_path / "m")
    edit(other / "tokenizer_config.json", pad_token="[PAD]")
    assert texts(options(other), requests) == texts(options(folder), requests)
