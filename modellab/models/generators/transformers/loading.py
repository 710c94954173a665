"""From options to a loaded model with its tokenizer, where it fits into memory."""

import importlib.util
import json
import logging
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from safetensors import SafetensorError

from modellab.core.errors import InputError, first_line
from modellab.models.generators.transformers.memory import GB, DeviceMemory, is_out_of_memory
from modellab.models.generators.transformers.options import TransformersOptions
from modellab.models.weights import loading_error, location

log = logging.getLogger(__name__)

#: bytes per parameter of quantized weights, with their scales and the layers that stay as they are
QUANTIZED_BYTES = {"4bit": 0.7, "8bit": 1.2}
#: bytes per parameter by number format
BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}


@dataclass(frozen=True)
class Loaded:
    """A model, its tokenizer, and the tokens that end its answers.

    Attributes:
        processor: None for models that read text only.
        ignored: settings of decoding that came with the weights and are not used.
        quantization: of the weights: by an option, or as they were saved.
    """

    model: Any
    tokenizer: Any
    processor: Any | None
    ends: list[int]
    ignored: Mapping[str, Any] = field(default_factory=dict)
    quantization: str = "none"

    @property
    def dtype(self) -> str:
        return str(self.model.dtype).removeprefix("torch.")


def choose_device(wanted: str) -> str:
    """The device to run on. Raises InputError where it is not present."""
    import torch

    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if wanted == "auto":
        return next((name for name, there in present.items() if there), "cpu")
    if wanted != "cpu" and not present[wanted]:
        raise InputError(f"device {wanted!r} is not present; use `device: auto` or `device: cpu`")
    return wanted


def load(options: TransformersOptions, memory: DeviceMemory) -> Loaded:
    """Load tokenizer and weights. Raises InputError where they cannot be loaded or do not fit."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    _transformers().utils.logging.disable_progress_bar()
    if options.quantization != "none" and importlib.util.find_spec("bitsandbytes") is None:
        raise InputError(
            f"quantization: {options.quantization} needs the package bitsandbytes; "
            "run: pip install -c constraints.txt -e '.[quantization]'"
        )
    try:
        config = read_config(options)
        needed = needed_bytes(options, config)
        if needed is not None and needed > memory.free_bytes():
            raise _does_not_fit(options, needed, memory)
        tokenizer, processor = _readers(options, config)
        model = _placed(options, config, memory, needed)
    except (OSError, ValueError, ImportError, RuntimeError, SafetensorError) as error:
        if options.attn_implementation and ("attn" in str(error) or "attention" in str(error)):
            wanted = f"attn_implementation {options.attn_implementation!r}"
            raise InputError(
                f"{options.model}: {wanted} cannot be used: {first_line(error)}"
            ) from error
        raise loading_error(options, error) from error
    return _settled(options, config, model, tokenizer, processor)


def read_config(options: TransformersOptions) -> Any:
    """Raises InputError for a broken one, and for a model that this provider does not run."""
    from huggingface_hub.errors import StrictDataclassError

    try:
        config = _transformers().AutoConfig.from_pretrained(location(options), **_source(options))
    except (OSError, ValueError, ImportError, StrictDataclassError) as error:
        raise loading_error(options, error) from error
    if config.is_encoder_decoder and not reads_images(config):
        raise InputError(
            f"{options.model}: an encoder-decoder model ({config.model_type}); this provider runs "
            "decoders only: start a server for it, and use `provider: openai`"
        )
    return config


def needed_bytes(options: TransformersOptions, config: Any) -> int | None:
    """Approximate memory of the loaded weights; None if the files do not state their size."""
    stored = _stored_bytes(options)
    if stored is None or saved_quantization(config):
        return stored
    saved_as = str(config.dtype).removeprefix("torch.")
    parameters = stored / BYTES.get(saved_as, 4)
    if options.quantization != "none":
        return int(parameters * QUANTIZED_BYTES[options.quantization])
    wanted = saved_as if options.dtype == "auto" else options.dtype
    return int(parameters * BYTES.get(wanted, 4))


def device_map(model: Any) -> dict[str, int]:
    """The number of a spread model's modules by device; empty where all are on one."""
    return dict(Counter(str(place) for place in getattr(model, "hf_device_map", {}).values()))


def _transformers() -> Any:
    """The library; few of its classes are typed."""
    import transformers

    return transformers


def _source(options: TransformersOptions) -> dict[str, Any]:
    return {"revision": options.revision, "trust_remote_code": options.trust_remote_code}


def _stored_bytes(options: TransformersOptions) -> int | None:
    """The size of the safetensors files, fetching at most their index or single file."""
    from transformers.utils.hub import cached_file

    def found(name: str) -> Path | None:
        source = {"revision": options.revision, "_raise_exceptions_for_missing_entries": False}
        path = cached_file(location(options), name, **source)
        return Path(path) if path else None

    single = found("model.safetensors")
    if single:
        return single.stat().st_size
    index = found("model.safetensors.index.json")
    sizes = json.loads(index.read_text(encoding="utf-8"))["metadata"] if index else {}
    return int(sizes["total_size"]) if sizes else None


def saved_quantization(config: Any) -> str | None:
    """The method (awq, gptq, fp8, mxfp4, ...) by which the weights were quantized when saved."""
    saved = getattr(config, "quantization_config", None)
    if not saved:
        return None
    found = saved if isinstance(saved, Mapping) else saved.to_dict()
    method = found.get("quant_method")
    return str(getattr(method, "value", method))


def _does_not_fit(
    options: TransformersOptions, needed: int | None, memory: DeviceMemory
) -> InputError:
    need = "more than that" if needed is None else f"about {needed / GB:.2f} GB"
    smaller = "" if options.quantization == "4bit" else "`quantization: 4bit`, "
    return InputError(
        f"{options.model}: does not fit into the memory of {memory.device}: "
        f"{max(0, memory.free_bytes()) / GB:.2f} GB are free, the weights need {need}; "
        f"try {smaller}more `gpus`, a higher `vram_limit_gb` or a smaller model"
    )


def reads_images(config: Any) -> bool:
    return type(config) in _transformers().MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING


def _readers(options: TransformersOptions, config: Any) -> tuple[Any, Any | None]:
    """The tokenizer and, for a model that reads images, the processor it belongs to."""
    library, where, source = _transformers(), location(options), _source(options)
    if not reads_images(config):
        return library.AutoTokenizer.from_pretrained(where, padding_side="left", **source), None
    processor = library.AutoProcessor.from_pretrained(where, **source)
    processor.tokenizer.padding_side = "left"
    return processor.tokenizer, processor


def _placed(
    options: TransformersOptions, config: Any, memory: DeviceMemory, needed: int | None
) -> Any:
    """The model on its devices. Raises InputError when they have too little memory for it."""
    try:
        model = _model(options, config, memory)
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        raise _does_not_fit(options, needed, memory) from error
    places = device_map(model)
    if memory.device == "cuda" and {"cpu", "disk"} & places.keys():
        # accelerate would run them anyway, a hundred times slower
        raise _does_not_fit(options, needed, memory)
    if len(places) > 1:
        log.warning(
            "the layers are spread over %d GPUs, which work one after another: more room, not "
            "more speed; `provider: served` with vLLM splits each layer",
            len(places),
        )
    return model


def _model(options: TransformersOptions, config: Any, memory: DeviceMemory) -> Any:
    import torch

    kind = "AutoModelForImageTextToText" if reads_images(config) else "AutoModelForCausalLM"
    wanted: dict[str, Any] = {
        "dtype": options.dtype if options.dtype == "auto" else getattr(torch, options.dtype),
        "device_map": options.placement(memory.device),
        **_source(options),
    }
    if memory.device == "cuda" and wanted["device_map"] != "cuda":
        # by default it takes all memory of all visible GPUs
        wanted["max_memory"] = memory.free_by_gpu()
    if options.attn_implementation is not None:
        wanted["attn_implementation"] = options.attn_implementation
    if options.quantization == "8bit":
        # a warning for each layer and token
        logging.getLogger("bitsandbytes.autograd").setLevel(logging.ERROR)
        wanted["quantization_config"] = _transformers().BitsAndBytesConfig(load_in_8bit=True)
    elif options.quantization == "4bit":
        compute = (config.dtype if options.dtype == "auto" else options.dtype) or "float32"
        wanted["quantization_config"] = _transformers().BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=compute
        )
    model, found = getattr(_transformers(), kind).from_pretrained(
        location(options), output_loading_info=True, **wanted
    )
    if missing := sorted(found["missing_keys"]):
        raise InputError(
            f"{options.model}: {len(missing)} of its weights are not in its files, such as "
            f"{missing[0]}, and would be random: config.json and weights do not belong together, "
            "or it is no model that writes text"
        )
    if memory.device == "cpu" and options.quantization == "4bit":
        _check_blocks(options, model)
    return model.eval()


def _check_blocks(options: TransformersOptions, model: Any) -> None:
    """Raises InputError for layers that bitsandbytes packs, on a CPU, in blocks that do not fit."""
    layers = model.named_modules()
    sizes = {name: layer.weight.quant_state.shape for name, layer in layers if _is_4bit(layer)}
    odd = next((name for name, (n, k) in sizes.items() if n % 32 or k % 64), None)
    if odd:
        raise InputError(
            f"{options.model}: quantization: 4bit works on a CPU only for layers of a multiple of "
            f"64 inputs and 32 outputs, and {odd} has {sizes[odd][1]} and {sizes[odd][0]}; use "
            "8bit or none"
        )


def _is_4bit(layer: Any) -> bool:
    return type(layer).__name__ == "Linear4bit"


def _settled(
    options: TransformersOptions, config: Any, model: Any, tokenizer: Any, processor: Any | None
) -> Loaded:
    """Keep only the end tokens of the decoding settings that the weights came with.

    A repetition penalty saved beside the weights would change answers without being in the
    config, and would see the padding of a batch.
    """
    if len(tokenizer) < 2:
        raise InputError(f"{options.model}: cannot be loaded: it has no tokenizer files")
    known = model.get_input_embeddings().weight.shape[0]
    if tokenizer.pad_token_id is None or tokenizer.pad_token_id >= known:
        # a token that was added without a row of the weights cannot be read
        end = tokenizer.eos_token_id
        usable = end is not None and end < known
        tokenizer.pad_token = tokenizer.convert_ids_to_tokens(end if usable else 0)
    own = model.generation_config
    end = tokenizer.eos_token_id if own.eos_token_id is None else own.eos_token_id
    ends = list(end) if isinstance(end, list) else [] if end is None else [end]
    model.generation_config = _transformers().GenerationConfig(
        eos_token_id=ends or None, pad_token_id=tokenizer.pad_token_id
    )
    # the settings that would change its answers
    ignored = {
        name: value
        for name, value in sorted(own.to_diff_dict().items())
        if not name.endswith(("token_id", "_version", "length", "tokens"))
        and isinstance(value, bool | int | float | str)
        and name not in ("use_cache", "_from_model_config")
    }
    quantization = saved_quantization(config) or options.quantization
    return Loaded(model, tokenizer, processor, ends, ignored, quantization)
