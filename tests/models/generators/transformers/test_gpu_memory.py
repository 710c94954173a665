"""What a GPU would say, said by functions in the place of CUDA's."""

from functools import cache
from types import SimpleNamespace

import pytest
import torch

from modellab.core.errors import InputError
from modellab.models.generators.transformers import batching, loading, provider
from modellab.models.generators.transformers.memory import GB, DeviceMemory
from modellab.models.generators.transformers.options import TransformersOptions
from modellab.models.generators.transformers.static import (
    LEAST_TOKENS,
    MOST_TOKENS,
    batch_tokens,
    bytes_per_token,
)


@cache
def eight_b():
    from transformers import LlamaConfig

    return LlamaConfig(
        hidden_size=4096,
        intermediate_size=14336,
        num_hidden_layers=32,
        num_attention_heads=32,
        num_key_value_heads=8,
        vocab_size=128256,
    )


class Gpus:
    """GPUs by their free and total memory in GB; remembers the shares that were set as limits."""

    def __init__(self, monkeypatch, *free, total=80):
        self.limits = {}
        for name, said in {
            "is_available": lambda: True,
            "device_count": lambda: len(free),
            "mem_get_info": lambda gpu: (int(free[gpu] * GB), total * GB),
            "memory_reserved": lambda _gpu: 0,
            "get_device_properties": lambda _gpu: SimpleNamespace(total_memory=total * GB),
            "set_per_process_memory_fraction": lambda share, gpu: self.limits.update({gpu: share}),
        }.items():
            monkeypatch.setattr(torch.cuda, name, said)


@pytest.fixture
def gpus(monkeypatch):
    return lambda *free, **more: Gpus(monkeypatch, *free, **more)


def options(**more):
    return TransformersOptions(**({"provider": "transformers", "model": "/x"} | more))


def model(config=None):
    return SimpleNamespace(config=config or eight_b(), dtype=torch.bfloat16)


def tokens(**more):
    given = options(**more)
    return batch_tokens(given, model(), given.memory("cuda"))


def test_bytes_of_a_token_by_hand():
    # keys and values: 2 x 32 layers x 8 heads x 128; a layer: 8 x 4096 + 3 x 14336; 2 bytes each
    assert bytes_per_token(eight_b(), 2) == 2 * (65536 + 75776)


def test_a_batch_fills_the_free_memory(gpus):
    gpus(30)
    # the scores of a row are 10 x 128,256 bytes, and a row has at least 256 tokens
    each = 2 * (65536 + 75776) + 10 * 128256 // 256
    assert tokens() == int(0.7 * 30 * GB) // each
    assert 70_000 < tokens() < MOST_TOKENS


def test_a_batch_has_bounds(gpus):
    gpus(79)
    assert tokens() == MOST_TOKENS
    gpus(0.1)
    assert tokens() == LEAST_TOKENS
    assert tokens(batch_tokens=5000) == 5000


def test_jobs_that_share_a_gpu_have_equal_parts_of_it(gpus):
    found = gpus(60)
    whole = options().memory("cuda")
    assert whole.free_bytes() == 60 * GB and not found.limits
    assert whole.free_share() == 1
    part = options(slots_per_gpu=4).memory("cuda")
    assert part.free_bytes() == 20 * GB and found.limits == {0: 0.25}
    assert part.free_share() == pytest.approx(1 / 3)
    assert tokens(slots_per_gpu=4) < tokens() / 2


def test_the_cache_of_continuous_batching_leaves_the_part_of_others(gpus, request_of):
    gpus(60)
    configs = []
    loaded = SimpleNamespace(
        generation_config=None,
        init_continuous_batching=lambda **given: configs.append(given),
    )
    given = options(slots_per_gpu=4)
    prompt = SimpleNamespace(tokens=(1, 2, 3))
    batching._manager(loaded, given, [prompt], given.memory("cuda"))
    batching._manager(loaded, options(), [prompt], options().memory("cuda"))
    shares = [one["continuous_batching_config"].max_memory_percent for one in configs]
    assert shares == [pytest.approx(0.3), pytest.approx(0.9)]


def test_only_the_gpus_that_the_model_is_on_count(gpus):
    """SLURM may have given more GPUs than the model is put on."""
    gpus(10, 70)
    assert options().memory("cuda").free_bytes() == 10 * GB
    assert options(gpus=2).memory("cuda").free_by_gpu() == {0: 10 * GB, 1: 70 * GB}
    assert options(gpus=2, vram_limit_gb=16).memory("cuda").free_bytes() == 26 * GB


def spread(places):
    return SimpleNamespace(hf_device_map=places)


@pytest.mark.parametrize("elsewhere", ["cpu", "disk"])
def test_layers_on_the_cpu_are_refused(gpus, monkeypatch, elsewhere):
    gpus(10, 10)
    found = spread({"model.layers.0": 0, "model.layers.1": 1, "lm_head": elsewhere})
    monkeypatch.setattr(loading, "_model", lambda *_: found)
    given = options(gpus=2)
    with pytest.raises(InputError, match=r"20\.00 GB are free, the weights need about 19\.00 GB"):
        loading._placed(given, None, given.memory("cuda"), 19 * GB)


def test_layers_on_several_gpus_are_on_record(gpus, monkeypatch, caplog):
    gpus(10, 10)
    found = spread({"model.layers.0": 0, "model.layers.1": 1, "lm_head": 1})
    monkeypatch.setattr(loading, "_model", lambda *_: found)
    given = options(gpus=2)
    assert loading._placed(given, None, given.memory("cuda"), None) is found
    assert loading.device_map(found) == {"0": 1, "1": 2}
    assert "one after another" in caplog.text


def test_a_model_is_spread_over_its_own_gpus_only(gpus, monkeypatch):
    gpus(10, 12, 14)
    asked = {}

    class Model:
        @staticmethod
        def from_pretrained(_where, **given):
            asked.update(given)
            return torch.nn.Module(), {"missing_keys": []}

    library = SimpleNamespace(AutoModelForCausalLM=Model)
    monkeypatch.setattr(loading, "_transformers", lambda: library)
    monkeypatch.setattr(loading, "reads_images", lambda _config: False)
    given = options(gpus=2)
    loading._model(given, eight_b(), given.memory("cuda"))
    assert (asked["device_map"], asked["max_memory"]) == ("auto", {0: 10 * GB, 1: 12 * GB})
    asked.clear()
    loading._model(options(), eight_b(), options().memory("cuda"))
    assert asked["device_map"] == "cuda" and "max_memory" not in asked


def test_preflight_says_that_a_second_gpu_is_no_faster(gpus, monkeypatch):
    gpus(40, 40)
    monkeypatch.setattr(provider, "read_config", lambda _options: None)
    monkeypatch.setattr(provider, "needed_bytes", lambda *_: 16 * GB)
    found = list(provider._memory(options(gpus=2), "model m"))
    assert [finding.level for finding in found] == ["ok", "warning"]
    assert "fits on one GPU" in found[1].message
    assert [finding.level for finding in provider._memory(options(), "m")] == ["ok"]


def test_preflight_looks_at_the_emptiest_gpus(gpus, monkeypatch):
    """The job will lease a GPU that is free, and see it as the first."""
    gpus(2, 40, 30)
    monkeypatch.setattr(provider, "read_config", lambda _options: None)
    monkeypatch.setattr(provider, "needed_bytes", lambda *_: 35 * GB)
    [found] = provider._memory(options(), "m")
    assert found.level == "ok" and "40.00 GB free" in found.message
    assert "70.00 GB free" in next(iter(provider._memory(options(gpus=2), "m"))).message


def test_a_gpu_that_is_full_in_a_library():
    from modellab.models.generators.transformers.memory import is_out_of_memory

    for status in ("CUBLAS_STATUS_NOT_INITIALIZED", "CUDNN_STATUS_INTERNAL_ERROR"):
        assert is_out_of_memory(RuntimeError(f"cuda error: {status} when calling `x(handle)`"))


def test_other_devices_have_no_gpus():
    assert DeviceMemory("cpu").free_bytes() > 0
    assert options().memory("cpu").device == "cpu"
