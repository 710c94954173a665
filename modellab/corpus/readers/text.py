"""Plain text, Markdown, subtitles, RTF and notebooks: a file is one document.

YAML front matter of Markdown may give id, title, year, type and url.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path

import yaml

from modellab.core.errors import BrokenFileError, InputError
from modellab.core.io.encoding import read_decoded
from modellab.corpus.readers.reader import (
    DEFAULTS,
    OPTIONAL,
    FileRead,
    ReadOptions,
    document,
    first_heading,
    heading_places,
    whole_file,
)

_LONGEST_TITLE = 120  # characters; the title is in the prompt with each passage
_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.M)
_OPENING = re.compile(r"---[ \t]*\n[ \t]*[\w-]+[ \t]*:(?:\s|\Z)")
_TAG = re.compile(r"<[^<>]*>|\{\\[^{}]*\}")
_NULL = "tag:yaml.org,2002:null"


def read_text(path: Path, options: ReadOptions = DEFAULTS) -> FileRead:
    """One document; its title is the first line, or the stem where that line is a paragraph."""
    text, notes = read_decoded(path, options.reading.encoding)
    first = text.strip().split("\n", 1)[0]
    title = first if len(first) <= _LONGEST_TITLE else path.stem
    values = {"id": path.stem, "title": title, "text": text}
    return FileRead((document(values, str(path), notes=notes),))


def read_markdown(path: Path, options: ReadOptions = DEFAULTS) -> FileRead:
    """One document. Its id defaults to the stem, its title to the first heading or the stem."""
    text, notes = read_decoded(path, options.reading.encoding)
    given, body, unread = _split(text)
    values = {"id": path.stem, "title": first_heading(body) or path.stem, **given, "text": body}
    return FileRead((document(values, str(path), heading_places(body), (*notes, *unread)),))


def _split(text: str) -> tuple[dict[str, str], str, tuple[str, ...]]:
    """The values of the front matter, the text below, and a note on front matter that is wrong.

    `---` without a key is a rule.
    """
    found = _FRONT_MATTER.match(text)
    if not found:
        unclosed = ("front matter without a closing '---', read as text",)
        return {}, text, unclosed if _OPENING.match(text) else ()
    below = text[found.end() :]
    try:
        return _values(found.group(1)), below, ()
    except InputError as error:
        return {}, below, (f"front matter left out: {error}",)


def _values(front_matter: str) -> dict[str, str]:
    """The known keys with their values as written. Raises InputError (line).

    YAML's own types would turn an id 007 into 7 and a type no into False.
    """
    values: dict[str, str] = {}
    for key, value in _entries(front_matter):
        if key.value not in ("id", *OPTIONAL):
            continue
        line = key.start_mark.line + 2
        if key.value in values:
            raise InputError(f"line {line}: {key.value!r} is a duplicate")
        if not isinstance(value, yaml.ScalarNode):
            raise InputError(f"line {line}: {key.value!r} must be text, not a list or mapping")
        values[key.value] = "" if value.tag == _NULL else value.value
    return {name: value for name, value in values.items() if value.strip()}


def _entries(front_matter: str) -> list[tuple[yaml.Node, yaml.Node]]:
    try:
        node = yaml.compose(front_matter, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
        line = mark.line + 2 if mark else 1
        reason = " ".join((getattr(error, "problem", None) or str(error)).split())
        raise InputError(f"line {line}: not valid YAML ({reason})") from None
    except RecursionError:
        raise InputError("line 2: nested too deeply") from None
    if node is None:
        return []
    if not isinstance(node, yaml.MappingNode):
        raise InputError("line 2: expected lines of 'key: value'")
    return list(node.value)


def read_subtitles(path: Path, options: ReadOptions = DEFAULTS) -> FileRead:
    """The spoken lines of SRT or WebVTT, without times, numbers, notes and tags."""
    text, notes = read_decoded(path, options.reading.encoding)
    lines: list[str] = []
    for block in re.split(r"\n[ \t]*\n", text):
        _, timing, spoken = block.partition("-->")
        # the rest of the line with the time has settings
        cue = [_TAG.sub("", line).strip() for line in spoken.split("\n")[1:]] if timing else []
        # cues of automatic captions repeat the line before
        lines += [line for line in cue if line and line not in lines[-1:]]
    if not lines:
        raise BrokenFileError(f"{path}: no subtitles; expected times such as 00:01 --> 00:02")
    return whole_file(path, "\n".join(lines), path.stem, places=(), notes=notes)


def read_rtf(path: Path, _options: ReadOptions = DEFAULTS) -> FileRead:
    """The text of a file of a word processor."""
    from striprtf.striprtf import rtf_to_text

    to_text: Callable[..., str] = rtf_to_text
    data = path.read_bytes()
    if not data.lstrip().startswith(b"{\\rtf"):
        raise BrokenFileError(f"{path}: not an RTF file")
    text = to_text(data.decode("latin-1"), errors="replace").strip()
    return whole_file(path, text, path.stem, places=())


def read_notebook(path: Path, options: ReadOptions = DEFAULTS) -> FileRead:
    """The texts and code of a Jupyter notebook, without the outputs of its cells."""
    try:
        cells = json.loads(read_decoded(path, options.reading.encoding).text)["cells"]
        sources = [("".join(cell["source"]), cell["cell_type"]) for cell in cells]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BrokenFileError(f"{path}: not a Jupyter notebook (version 4)") from None
    blocks = [
        f"```\n{text}\n```" if kind == "code" else text for text, kind in sources if text.strip()
    ]
    return whole_file(path, "\n\n".join(blocks), holder="notebook")
