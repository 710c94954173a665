import sys

import pytest
from tiny_model import write_tiny_model
from tiny_questions import READER, right_values, tiny_requests

from modellab.core.errors import InputError
from modellab.models.generators.transformers import loading


@pytest.mark.slow
@pytest.mark.parametrize("quantization", ["4bit", "8bit"])
def test_smaller_weights(tmp_path, options, request_of, quantization):
    # a processor's kernels take blocks of 64 numbers
    folder = write_tiny_model(tmp_path / "wide", hidden=128)
    with options(folder, quantization=quantization).open(0, {}) as model:
        rows = list(model.answer([request_of(1), request_of(2)]))
    assert [row.error for row in rows] == [None, None]
    assert {row.quantization for row in rows} == {quantization}
    with options(folder).open(0, {}) as whole:
        pass
    assert model.report()["weights_mb"] < whole.report()["weights_mb"]


@pytest.mark.slow
def test_layers_that_four_bits_do_not_fit_on_a_processor(folder, options):
    pytest.importorskip("bitsandbytes")
    with (
        pytest.raises(InputError, match=r"4bit works on a CPU only .* has 32 and 32; use 8bit"),
        options(folder, quantization="4bit").open(0, {}),
    ):
        pass


@pytest.mark.slow
def test_smaller_weights_still_answer(options, texts):
    asked = tiny_requests(12)
    found = texts(options(READER, quantization="8bit", max_new_tokens=32), asked)
    assert right_values(asked, found) >= 9


def test_without_the_extra(folder, options, monkeypatch):
    monkeypatch.setitem(sys.modules, "bitsandbytes", None)
    with (
        pytest.raises(InputError, match=r"4bit needs .* -e '\.\[quantization\]'"),
        options(folder, quantization="4bit").open(0, {}),
    ):
        pass


def test_quantized_is_another_model(folder, options):
    assert options(folder).fingerprint() != options(folder, quantization="8bit").fingerprint()


@pytest.mark.parametrize("saved", [{"quant_method": "awq", "bits": 4}, None])
def test_weights_that_were_quantized_when_saved(saved, monkeypatch, folder, options):
    from transformers import AutoConfig

    config = AutoConfig.from_pretrained(folder)
    if saved:
        config.quantization_config = saved
    assert loading.saved_quantization(config) == (saved and "awq")
    monkeypatch.setattr(loading, "_stored_bytes", lambda _options: 1000)
    # awq stays as it is; float32 in half precision is half as large
    assert loading.needed_bytes(options(folder, dtype="float16"), config) == (
        1000 if saved else 500
    )
