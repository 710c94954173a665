"""Rows as public data sets have them, written to a file and read without settings."""

import json

from modellab.questions import parse_format
from modellab.questions.selection import chosen, fitting_task


def read(tmp_path, content, name="q.jsonl"):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, list):
        content = "".join(json.dumps(row) + "\n" for row in content)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    found = parse_format("table").read_file(path)
    task = fitting_task(path, found)
    return task.kind, chosen(str(path), list(found.questions), task, None, None)
