"""Prompts: jinja2 files with a `system` and a `user` block, one chat message each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modellab.errors import InputError
from modellab.records import Message
from modellab.storage.csvfile import read_utf8

if TYPE_CHECKING:
    from jinja2 import Template

ROLES = ("system", "user")


@dataclass(frozen=True)
class Prompt:
    """A loaded prompt file."""

    path: Path
    template: Template

    def messages(self, variables: Mapping[str, Any]) -> tuple[Message, ...]:
        """One message per block that the file has. An unknown variable raises InputError."""
        from jinja2 import TemplateError

        blocks = self.template.blocks
        try:
            context = self.template.new_context(dict(variables))
            texts = {role: "".join(blocks[role](context)) for role in ROLES if role in blocks}
        except TemplateError as error:
            raise InputError(f"{self.path}: {error}") from None
        return tuple(Message(role, text.strip()) for role, text in texts.items())


def load_prompt(path: Path) -> Prompt:
    """Read a prompt file. It runs in a sandbox: a shared prompt cannot reach Python's objects."""
    from jinja2 import StrictUndefined, TemplateSyntaxError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    # Prompts are plain text for a model: HTML escaping would change what the model reads.
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    try:
        template = environment.from_string(read_utf8(path))
    except TemplateSyntaxError as error:
        raise InputError(f"{path}:{error.lineno}: {error.message}") from None
    if "user" not in template.blocks:
        raise InputError(f"{path}: no user block; write {{% block user %}} ... {{% endblock %}}")
    return Prompt(path, template)
