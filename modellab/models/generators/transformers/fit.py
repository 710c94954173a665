"""Whether a model's weights fit into the memory of its device, told before they are loaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from modellab.core.errors import InputError
from modellab.models.generators.transformers.hub import location
from modellab.models.generators.transformers.memory import GB, DeviceMemory
from modellab.models.generators.transformers.options import TransformersOptions

#: bytes per parameter of quantized weights, with their scales and the layers that stay as they are
QUANTIZED_BYTES = {"4bit": 0.7, "8bit": 1.2}
#: bytes per parameter by number format
BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}


def needed_bytes(options: TransformersOptions, config: Any) -> int | None:
    """About what the loaded weights take; None where the files do not tell their size."""
    stored = _stored_bytes(options)
    if stored is None:
        return None
    saved_as = str(config.dtype).removeprefix("torch.")
    parameters = stored / BYTES.get(saved_as, 4)
    if options.quantization != "none":
        return int(parameters * QUANTIZED_BYTES[options.quantization])
    wanted = saved_as if options.dtype == "auto" else options.dtype
    return int(parameters * BYTES.get(wanted, 4))


def check_fit(options: TransformersOptions, config: Any, memory: DeviceMemory) -> None:
    """Raise InputError when the weights alone are more than what is free."""
    needed, free = needed_bytes(options, config), memory.free_bytes()
    if needed is not None and needed > free:
        raise does_not_fit(options, needed, memory)


def does_not_fit(
    options: TransformersOptions, needed: int | None, memory: DeviceMemory
) -> InputError:
    """The error of a model that is too large: needed, free, and what to try."""
    need = "more than that" if needed is None else f"about {needed / GB:.2f} GB"
    smaller = "" if options.quantization == "4bit" else "`quantization: 4bit`, "
    return InputError(
        f"{options.model}: does not fit into the memory of {memory.device}: "
        f"{max(0, memory.free_bytes()) / GB:.2f} GB are free, the weights need {need}; "
        f"try {smaller}more `gpus`, a higher `vram_limit_gb` or a smaller model"
    )


def _stored_bytes(options: TransformersOptions) -> int | None:
    """The size of the safetensors files, fetching at most their index or single file."""
    from transformers.utils.hub import cached_file

    source: dict[str, Any] = {
        "revision": options.revision,
        "_raise_exceptions_for_missing_entries": False,
    }
    single = cached_file(location(options), "model.safetensors", **source)
    if single is not None:
        return Path(single).stat().st_size
    index = cached_file(location(options), "model.safetensors.index.json", **source)
    if index is None:
        return None
    size = json.loads(Path(index).read_text(encoding="utf-8"))["metadata"]["total_size"]
    return int(size)
