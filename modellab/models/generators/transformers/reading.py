"""From the messages of a request to the tokens and images that a model reads."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jinja2 import TemplateError

from modellab.core.errors import InputError, first_line
from modellab.core.records import Message, Request
from modellab.core.text.thoughts import ThoughtMarks, opening_mark
from modellab.models.chat import merged_system

if TYPE_CHECKING:
    from modellab.models.generators.transformers.loading import Loaded


log = logging.getLogger(__name__)

#: texts that no template contains
_MARK, _ASKED = "what-the-system-says-7f3d", "what-the-user-asks-7f3d"
#: what a template may raise: it runs on messages that its author did not think of
_REFUSED = (TemplateError, TypeError, ValueError, AttributeError, LookupError)


@dataclass(frozen=True)
class TokenizedPrompt:
    """The tokens of a request. `text` is kept only with images, for the processor.

    `opened` is the mark of a thought at the end of the prompt: the answer begins within it.
    """

    request: Request
    tokens: tuple[int, ...]
    text: str = ""
    images: tuple[str, ...] = ()
    opened: str = ""


class PromptReader:
    """Writes requests as prompts, each once.

    `system_role`: what the chat template does with a system's message; None until one was written.
    """

    def __init__(
        self, loaded: Loaded, marks: ThoughtMarks | None = None, think: bool | None = None
    ) -> None:
        """Raises InputError where `think` is set and the chat template has no such setting."""
        self._tokenizer = loaded.tokenizer
        self._processor = loaded.processor
        self._writer = self._processor or self._tokenizer
        self._marks = marks
        self._thinking = {} if think is None else {"enable_thinking": think}
        if self._thinking and "enable_thinking" not in str(self._writer.chat_template):
            raise InputError("think: the model's chat template has no `enable_thinking`")
        self._embeddings = loaded.model.get_input_embeddings().weight.shape[0]
        self.system_role: str | None = None

    def prompt(self, request: Request) -> TokenizedPrompt:
        """Raises InputError for images where the model reads none, OSError for unreadable ones."""
        images = tuple(path for message in request.messages for path in message.images)
        if images:
            return self._with_images(request, images)
        text, tokens = self._tokens(request.messages)
        largest = max(tokens, default=0)
        if largest >= self._embeddings:
            name = self._tokenizer.convert_ids_to_tokens(largest)
            raise InputError(
                f"the tokenizer gives token {largest} ({name}), and the model knows only "
                f"{self._embeddings}: tokenizer and weights do not belong together"
            )
        return TokenizedPrompt(request, tuple(tokens), opened=opening_mark(text, self._marks))

    def batch(self, prompts: Sequence[TokenizedPrompt]) -> Any:
        """Left-padded tensors of a batch: (rows, longest), and pictures if the rows have any."""
        if prompts[0].images:
            return self._processed(prompts)
        rows = [list(prompt.tokens) for prompt in prompts]
        return self._tokenizer.pad({"input_ids": rows}, return_tensors="pt")

    def _tokens(self, messages: Sequence[Message]) -> tuple[str, list[int]]:
        if self._writer.chat_template is not None:
            text = self._templated(messages)
            # the template writes the special tokens itself
            return text, list(self._tokenizer(text, add_special_tokens=False)["input_ids"])
        text = "\n\n".join(message.content for message in messages)
        tokens = list(self._tokenizer(text)["input_ids"])
        # a tokenizer may end each text, and then the model would write nothing
        ended = len(tokens) > 1 and tokens[-1] == self._tokenizer.eos_token_id
        return text, tokens[:-1] if ended else tokens

    def _templated(self, messages: Sequence[Message]) -> str:
        """The messages in the model's own form.

        Some templates have no system role, and refuse it or leave it out silently: the system
        message is then put before the user's. Raises InputError for a template that takes neither.
        """
        try:
            if messages[0].role == "system" and self._system_role() != "kept":
                messages = merged_system(messages)
            return self._written(messages)
        except _REFUSED as error:
            why = first_line(error)
            raise InputError(f"the model's chat template refuses the prompt: {why}") from None

    def _system_role(self) -> str:
        """Whether a template keeps, drops or refuses a system message: tried with a marker.

        Raises InputError for a template that leaves out the user's message.
        """
        if self.system_role is None:
            user = Message("user", _ASKED)
            try:
                text = self._written((Message("system", _MARK), user))
                role = "kept" if _MARK in text else "dropped"
            except _REFUSED:
                text = self._written((user,))  # a broken template refuses this too
                role = "refused"
            if _ASKED not in text:
                raise InputError("the model's chat template leaves out the user's message")
            self.system_role = role
            if self.system_role != "kept":
                log.warning(
                    "the system message is %s by the model's chat template: it is put before the "
                    "user's",
                    self.system_role,
                )
        return self.system_role

    def _written(self, messages: Sequence[Message]) -> str:
        written: list[dict[str, Any]] = []
        for message in messages:
            content: Any = message.content
            if self._processor is not None:
                pictures = [{"type": "image"} for _ in message.images]
                content = [*pictures, {"type": "text", "text": message.content}]
            written.append({"role": message.role, "content": content})
        return str(
            self._writer.apply_chat_template(
                written, tokenize=False, add_generation_prompt=True, **self._thinking
            )
        )

    def _with_images(self, request: Request, images: tuple[str, ...]) -> TokenizedPrompt:
        if self._processor is None:
            raise InputError(
                "the task has images, but the model reads text only; name a model that reads images"
            )
        if self._writer.chat_template is None:
            raise InputError("the model's processor has no chat template, which images need")
        text = self._templated(request.messages)
        # only the processor knows how many tokens a picture has
        inputs = self._processed([TokenizedPrompt(request, (), text, images)])
        tokens = tuple(inputs["input_ids"][0].tolist())
        return TokenizedPrompt(request, tokens, text, images, opening_mark(text, self._marks))

    def _processed(self, prompts: Sequence[TokenizedPrompt]) -> Any:
        assert self._processor is not None
        return self._processor(
            text=[prompt.text for prompt in prompts],
            images=[[_picture(path) for path in prompt.images] for prompt in prompts],
            add_special_tokens=False,
            padding=True,
            return_tensors="pt",
        )


def _picture(path: str) -> Any:
    from PIL import Image

    with Image.open(path) as picture:
        return picture.convert("RGB")
