"""Untrusted text of models, documents and questions in pages.

jinja2 escapes HTML, and the page's script only sets text. What is left is what escaping does not
touch: invisible characters, characters that change the direction of a text, secrets, and JSON
inside a page.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from modellab.core.fingerprint import digest, file_digest
from modellab.core.text.escape import escape_invisible

ASSETS = Path(__file__).parent / "assets"
Clean = Callable[[str], str]

#: not allowed in JSON inside `<script>`, nor in a script file
_NOT_IN_SCRIPT = ("<", ">", "&", "\u2028", "\u2029", "'")


def page_digest() -> str:
    """A fingerprint of the assets: a changed style is a changed report."""
    return digest({path.name: file_digest(path) for path in sorted(ASSETS.iterdir())})


def template(path: Path, clean: Clean) -> Template:
    """A page's template, in which every text is cleaned and escaped."""
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: clean(value) if type(value) is str else value,
    )
    return environment.from_string(path.read_text(encoding="utf-8"))


def cleaner(scrub: Clean) -> Clean:
    """Remove secrets from a text and show its hidden characters."""
    return lambda text: escape_invisible(scrub(text))


def cleaned(value: Any, clean: Clean) -> Any:
    """Plain data with all its texts cleaned, keys included."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(key)): cleaned(item, clean) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [cleaned(item, clean) for item in value]
    return value


def json_in_page(value: Any) -> str:
    """JSON for `<script type="application/json">`: it has no `<`."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    # one pass for each is many times faster than one `translate` for all
    for char in _NOT_IN_SCRIPT:
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def json_script(name: str, text: str) -> str:
    """A script that passes a block of JSON to the page.

    The page parses the text: in a literal, `__proto__` would not be a key.
    """
    return f"modellab({json_in_page(name)},{json_in_page(text)});\n"
