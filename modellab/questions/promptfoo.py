"""Test cases of promptfoo: its config in YAML, JSON Lines of tests, or CSV with `__expected`.

Source of the format: its documentation, "Test Case Configuration" and "CSV": the variables of a
test are what prompts are filled with, its assertions say what an answer must be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from modellab.core.errors import InputError
from modellab.core.io.encoding import read_decoded
from modellab.core.io.table_file import Row, TableFile
from modellab.questions.row_format import RowFormat
from modellab.questions.table_columns import question_names

#: assertions whose value is a right answer
_RIGHT = ("equals", "contains", "icontains", "similar", "factuality", "rouge-n", "bleu")
_ONE_OF = ("contains-any", "icontains-any")
_EXPECTED = re.compile(r"__expected\d*")
#: how a cell of `__expected` names its assertion: `contains: Paris`, `similar(0.8): Paris`
_ASSERTION = re.compile(r"(?P<type>[a-z][a-z-]*)(?:\([0-9.]+\))?:\s*(?P<value>.*)", re.DOTALL)
_YAML = (".yaml", ".yml")


class PromptfooFormat(RowFormat):
    """vars and assert; or a column per variable and `__expected`."""

    kind: Literal["promptfoo"] = Field(description="Test cases of promptfoo: YAML, JSON or CSV.")

    @staticmethod
    def reads(path: Path) -> bool:
        """Whether a file is a config of promptfoo by its name."""
        return path.suffix.lower() in _YAML

    @classmethod
    def fits(cls, row: Row) -> bool:
        return "vars" in row or any(_EXPECTED.fullmatch(str(name)) for name in row)

    def table(self, path: Path) -> TableFile:
        return TableFile(tuple(_tests(path))) if self.reads(path) else super().table(path)

    def adapted(self, place: str, row: Row) -> Iterator[tuple[str, Row]]:
        """The variable with a name of questions, or the only one, is the question.

        Variables beside it are shown to models; assertions without a right answer in them
        (`llm-rubric`, `javascript`, ...) say nothing of the truth.
        """
        if "vars" in row:
            said, answers = dict(row["vars"]), _answers(row.get("assert") or [])
            groups = [str(one) for one in (row.get("metadata") or {}).values()]
        else:
            said = {k: v for k, v in row.items() if not str(k).startswith("__")}
            cells = [v for k, v in row.items() if _EXPECTED.fullmatch(str(k)) and v]
            answers, groups = _answers([_assertion(str(cell)) for cell in cells]), []
        name = _question(place, said)
        if not answers:
            raise InputError(
                f"{place}: no assertion has a right answer in it; add one of {', '.join(_RIGHT)}"
            )
        others = {key: value for key, value in said.items() if key != name}
        yield (
            place,
            {
                "question": said[name],
                "answer": answers,
                "inputs": {key: str(value) for key, value in others.items() if value is not None},
                "groups": groups,
            },
        )


def _question(place: str, said: Mapping[str, Any]) -> str:
    names = [name for name in said if name.casefold() in question_names({})]
    if len(names) == 1 or len(said) == 1:
        return names[0] if names else next(iter(said))
    if "question" in said:
        return "question"
    raise InputError(
        f"{place}: which variable is the question ({', '.join(said) or 'none'})? Call it question"
    )


def _assertion(cell: str) -> dict[str, Any]:
    found = _ASSERTION.fullmatch(cell.strip())
    if found is None or not ("-" in found["type"] or found["type"] in _RIGHT):
        return {"type": "equals", "value": cell}
    value: Any = found["value"]
    kind = found["type"]
    return {"type": kind, "value": re.split(r"\s*,\s*", value) if kind in _ONE_OF else value}


def _answers(assertions: list[Mapping[str, Any]]) -> list[str]:
    one = [str(a["value"]) for a in assertions if a.get("type") in _RIGHT]
    several = [str(v) for a in assertions if a.get("type") in _ONE_OF for v in a["value"]]
    return list(dict.fromkeys([*one, *several]))


def _tests(path: Path) -> Iterator[tuple[str, Row]]:
    import yaml

    try:
        data = yaml.safe_load(read_decoded(path).text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise InputError(f"{path}{line}: not valid YAML") from None
    tests = data.get("tests") if isinstance(data, dict) else data
    if isinstance(tests, str):
        raise InputError(f"{path}: its tests are in {tests}; give that file")
    if not isinstance(tests, list) or not tests:
        raise InputError(f"{path}: no `tests`; give a list of vars and assert")
    for number, test in enumerate(tests, start=1):
        if not isinstance(test, dict):
            raise InputError(f"{path}: test {number}: not a map of vars and assert; give the file")
        yield f"{path}: test {number}", test
