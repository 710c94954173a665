"""Options of the `transformers` provider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from modellab.models.chat import WeightsOptions

if TYPE_CHECKING:
    from modellab.models.generators.transformers.memory import DeviceMemory

#: tokens of a static batch on a CPU or MPS: larger ones are not faster there
TOKENS_WITHOUT_CUDA = 8192


class TransformersOptions(WeightsOptions):
    """A language model that runs in this process, on CPU, CUDA or MPS; some read images too."""

    implementation: ClassVar[str] = "modellab.models.generators.transformers.provider"
    version: ClassVar[int] = 3

    provider: Literal["transformers"]
    trust_remote_code: bool = Field(
        False, description="whether code that comes with the weights may run here"
    )
    dtype: Literal["auto", "float32", "float16", "bfloat16"] = Field(
        "auto", description="number format of the weights; auto: as they were saved"
    )
    quantization: Literal["none", "4bit", "8bit"] = Field(
        "none", description="smaller weights by bitsandbytes (extra `quantization`)"
    )
    attn_implementation: str | None = Field(
        None, description="such as eager, sdpa or flash_attention_2; default: the model's own"
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = Field(
        "auto", description="where it runs; auto: CUDA, then MPS, then CPU"
    )
    device_map: str | None = Field(
        None,
        description="how layers are spread over devices (auto, balanced, sequential); "
        "default: auto for several gpus, else all on one",
    )
    gpus: PositiveInt = Field(
        1,
        description="how many GPUs it takes (none on the CPU): for a model that does not fit on "
        "one, as its layers work one after another",
    )
    vram_limit_gb: PositiveFloat | None = Field(
        None, description="the most memory it may take, per GPU; without CUDA: of the process"
    )
    batch_tokens: PositiveInt | None = Field(
        None,
        description="the most prompt and answer tokens in one batch, padding included; "
        f"null: as fits into free GPU memory, without CUDA {TOKENS_WITHOUT_CUDA}",
    )
    continuous_batching: Literal["auto", "on", "off"] = Field(
        "auto",
        description="rows leave and join while others run; auto: on CUDA, where it is measured "
        "to be faster",
    )
    warmup: NonNegativeInt = Field(0, description="runs of the first batch that are not recorded")

    @model_validator(mode="after")
    def _check_consistent(self) -> Self:
        if self.device == "cpu" and self.device_map is not None:
            raise ValueError("device_map spreads a model over GPUs; leave it out on device: cpu")
        if self.continuous_batching == "on" and not self.may_run_continuously():
            raise ValueError(
                "continuous_batching: on needs greedy free text (temperature: 0, no stop, "
                "answer_format: text), one GPU, no confidence and no vram_limit_gb"
            )
        if self.temperature is None:
            raise ValueError("temperature: null is for servers; 0 is greedy decoding")
        if any(not stop for stop in self.stop):
            raise ValueError("stop: an empty text would end every answer at once")
        return self

    def gpu_need(self) -> int:
        return 0 if self.device == "cpu" else self.gpus

    def gpu_optional(self) -> bool:
        return self.device == "auto" and self.gpus == 1

    def placement(self, device: str) -> str:
        """The device map that spreads the model, or puts it on one device."""
        return self.device_map or ("auto" if device == "cuda" and self.gpus > 1 else device)

    def memory(self, device: str) -> DeviceMemory:
        """The memory that it may take: on each GPU that it is spread over, the part of a slot."""
        from modellab.models.generators.transformers.memory import DeviceMemory

        gpus = 1 if self.placement(device) == device else self.gpus
        return DeviceMemory(device, self.vram_limit_gb, gpus, self.slots_per_gpu)

    def may_run_continuously(self) -> bool:
        """Whether continuous batching gives what static batches give, within the limits.

        Its cache is on one GPU and knows no `vram_limit_gb`; it has neither stop texts, nor
        processors that belong to a row, nor probabilities.
        """
        plain = not self.samples() and not self.stop and self.answer_format == "text"
        spread = self.gpus > 1 or self.device_map is not None
        return plain and self.vram_limit_gb is None and not self.confidence and not spread

    def decides(self) -> Mapping[str, Any]:
        """The part of the fingerprint from the config: all but the weights."""
        keys = {"dtype", "quantization", "trust_remote_code"}
        if self.attn_implementation is not None:
            keys.add("attn_implementation")
        if self.dtype != "float32" or self.quantization != "none":
            # in low precision a token may depend on the shape of the batch
            keys |= {"batch_tokens", "continuous_batching"}
        if self.think is not None:
            keys.add("think")
        if self.confidence:
            # same answers, but rows with more fields
            keys.add("confidence")
        return {**self.decoding(), **self.model_dump(mode="json", include=keys)}
