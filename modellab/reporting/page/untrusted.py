"""Text that others wrote, made fit to be shown: models, documents and questions are not trusted.

HTML is escaped by jinja2, and the page's script only sets text. What is left to do is what
escaping does not touch: characters that cannot be seen or that turn the text around, secrets, and
JSON inside of a page.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from modellab.core.text.escape import visible

Clean = Callable[[str], str]

#: may not stand in JSON inside of `<script>`, nor in a script of its own
_NOT_IN_SCRIPT = ("<", ">", "&", "\u2028", "\u2029", "'")


def cleaner(scrub: Clean) -> Clean:
    """What every text goes through: secrets out, hidden characters shown."""
    return lambda text: visible(scrub(text))


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
    """JSON that may stand inside of `<script type="application/json">`: it has no `<`."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    # one pass for each is many times faster than one `translate` for all
    for char in _NOT_IN_SCRIPT:
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def json_script(name: str, text: str) -> str:
    """A script that hands a block of data, which is JSON already, to the page.

    The page parses the text: in a literal the key `__proto__` would be no key.
    """
    return f"modellab({json_in_page(name)},{json_in_page(text)});\n"
