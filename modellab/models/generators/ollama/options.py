"""Options of the `ollama` provider and of Ollama's embedding models."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, NonNegativeInt, PositiveFloat, PositiveInt

from modellab.core.errors import InputError
from modellab.core.options import Options
from modellab.core.secrets import VariableName, secret, variable
from modellab.models.chat import ChatOptions

DEFAULT_URL = "http://127.0.0.1:11434"
DEFAULT_VARIABLE = "OLLAMA_HOST"


def _check_address(url: str) -> str:
    """Raises ValueError where an address holds a password: it ends up in results."""
    if "@" in url:
        raise ValueError("a server's address must hold no user or password; they are not sent")
    return url


class OllamaServerOptions(Options):
    """A model that an Ollama server runs; it is in the server's memory only while it is used."""

    model: str = Field(
        min_length=1, description="the full name with its tag, such as qwen3:4b or hf.co/org/m:Q4"
    )
    base_url: Annotated[str, AfterValidator(_check_address)] | None = Field(
        None,
        description=f"the server; default: the variable {DEFAULT_VARIABLE}, else {DEFAULT_URL}",
    )
    base_url_env: VariableName | None = Field(
        None, description="the environment variable with the server's address, if not base_url"
    )
    pull: bool = Field(
        False, description="whether the server may download the model if it does not have it"
    )
    context_tokens: PositiveInt | None = Field(
        None, description="room for prompt and answer (num_ctx); default: what the server chooses"
    )
    timeout_seconds: PositiveFloat = Field(600, description="the longest wait for one answer")
    load_timeout_seconds: PositiveFloat = Field(
        900, description="the longest wait until the server has loaded the model"
    )
    unload_seconds: PositiveFloat = Field(
        60, description="the longest wait until a model has left the server's memory"
    )
    keep_others: bool = Field(
        False, description="true leaves other models in the server's memory; false unloads them"
    )

    def server_url(self) -> str:
        """The server's address.

        Raises InputError where the variable that holds it is not set, or holds a password.
        """
        if self.base_url is not None:
            return self.base_url
        if self.base_url_env is None:
            name, url = DEFAULT_VARIABLE, variable(DEFAULT_VARIABLE) or DEFAULT_URL
        else:
            name, url = self.base_url_env, secret(self.base_url_env, f"{self.model}: base_url_env")
        try:
            return _check_address(url)
        except ValueError as error:
            raise InputError(f"{self.model}: {name}: {error}") from None

    def runner_options(self) -> Mapping[str, Any]:
        """Options for loading the model; another value makes the server load it again."""
        return {} if self.context_tokens is None else {"num_ctx": self.context_tokens}


class OllamaOptions(OllamaServerOptions, ChatOptions):
    """A chat model that an Ollama server runs."""

    implementation: ClassVar[str] = "modellab.models.generators.ollama.provider"
    version: ClassVar[int] = 2
    in_process: ClassVar[bool] = False

    provider: Literal["ollama"]
    think: bool | Literal["low", "medium", "high"] | None = Field(
        None, description="whether a thinking model thinks first; default: as the model does"
    )
    max_concurrent: PositiveInt = Field(1, description="the most requests at the same time")
    max_retries: NonNegativeInt = Field(
        3, description="how often a request is sent again after a server error or a cut connection"
    )

    def model_id(self) -> str:
        return self.model

    def endpoint_slot(self) -> str:
        return "ollama"
