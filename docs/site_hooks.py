"""For the site: links to files of the repository outside docs/ become their paths."""

import re
from typing import Any

_OUTSIDE = re.compile(r"\[([^\]]*)\]\(\.\./([^)\s]+)\)")


def on_page_markdown(markdown: str, **_: Any) -> str:
    return _OUTSIDE.sub(_as_path, markdown)


def _as_path(found: re.Match[str]) -> str:
    text, path = found.groups()
    return f"`{path}`" if text.strip("`") == path else f"{text} (`{path}`)"
