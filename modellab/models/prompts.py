"""Prompts: jinja2 files with a `system` and a `user` block, one chat message each."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from modellab.core.errors import InputError
from modellab.core.io.encoding import read_utf8
from modellab.core.records import Message

ROLES = ("system", "user")
#: errors of expressions in templates, which are written by users
_TEMPLATE_ERRORS = (
    *(TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError),
)
#: a prompt is one file, so that its digest covers everything
_OTHER_FILES = (nodes.Extends, nodes.Import, nodes.FromImport, nodes.Include)


@dataclass(frozen=True)
class Prompt:
    """A loaded prompt file."""

    path: Path
    template: Template

    def messages(self, variables: Mapping[str, Any]) -> tuple[Message, ...]:
        """One message per block that the file has, `system` before `user`.

        Raises InputError with file and line for whatever goes wrong in the template.
        """
        try:
            blocks = self.template.blocks
            context = self.template.new_context(dict(variables))
            texts = {role: "".join(blocks[role](context)) for role in ROLES if role in blocks}
        except _TEMPLATE_ERRORS as error:
            known = ", ".join(variables)
            line = _line(self.template, error)
            raise InputError(f"{self.path}:{line}: {error} (known: {known})") from None
        return tuple(Message(role, text.strip()) for role, text in texts.items())


def _line(template: Template, error: BaseException) -> int:
    """The line of the template file that an error came from."""
    trace, line = error.__traceback__, 1
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = template.get_corresponding_lineno(trace.tb_lineno)
        trace = trace.tb_next
    return line


def load_prompt(path: Path) -> Prompt:
    """Read a prompt file. It runs in a sandbox: a shared prompt cannot reach Python's objects."""
    # Prompts are plain text for a model: HTML escaping would change what the model reads.
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    text = read_utf8(path)
    try:
        other = next(environment.parse(text).find_all(_OTHER_FILES), None)
        template = environment.from_string(text)
    except TemplateSyntaxError as error:
        raise InputError(f"{path}:{error.lineno}: {error.message}") from None
    if other:
        raise InputError(
            f"{path}:{other.lineno}: a prompt is one file: no extends, import, include"
        )
    if "user" not in template.blocks:
        raise InputError(f"{path}: no user block; write {{% block user %}} ... {{% endblock %}}")
    return Prompt(path, template)
