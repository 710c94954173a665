"""Test cases of promptfoo."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field

from modellab.core.errors import InputError
from modellab.core.io.table_file import Row
from modellab.questions.protocol import RowFormat
from modellab.questions.table_columns import question_names

#: assertions whose value is a right answer
_EQUAL_TO = (
    *("equals", "contains", "icontains", "similar", "factuality", "model-graded-factuality"),
    *("starts-with", "levenshtein", "rouge-n", "bleu", "gleu", "meteor"),
)
_ONE_OF = ("contains-any", "icontains-any")
#: words before a colon that begin another assertion, and not a text; so do those with a hyphen
_OTHERS = frozenset(
    {
        *("javascript", "fn", "eval", "python", "ruby", "file", "grade", "regex", "webhook"),
        *("cost", "latency", "perplexity", "classifier", "moderation", "guardrails", "pi"),
    }
)
_EXPECTED = re.compile(r"__expected\d*")
#: an assertion in a cell of `__expected`: `contains: Paris`, `similar(0.8): Paris`
_ASSERTION = re.compile(r"(?P<type>[a-z][a-z-]*)(?:\([0-9.]+\))?:\s*(?P<value>.*)", re.DOTALL)


class PromptfooFormat(RowFormat):
    """vars and assert; or a column per variable and `__expected`.

    Source: its documentation, "Test Case Configuration" and "CSV": the variables of a test fill the
    prompts, its assertions say what an answer must be.
    """

    kind: Literal["promptfoo"] = Field(description="Test cases of promptfoo: YAML, JSON or CSV.")

    @classmethod
    def fits(cls, row: Row) -> bool:
        return "vars" in row or any(_EXPECTED.fullmatch(str(name)) for name in row)

    def adapted(self, place: str, row: Row) -> Iterator[tuple[str, Row]]:
        """The variable with a name of questions, or the only one, is the question.

        Models are shown the other variables; assertions without a right answer in them
        (`llm-rubric`, `javascript`, ...) are ignored.
        """
        if "vars" in row:
            variables, answers = dict(row["vars"]), _answers(row.get("assert") or [])
            groups = [str(one) for one in (row.get("metadata") or {}).values()]
        else:
            variables = {k: v for k, v in row.items() if not str(k).startswith("__")}
            cells = [v for k, v in row.items() if _EXPECTED.fullmatch(str(k)) and v]
            answers, groups = _answers([_assertion(str(cell)) for cell in cells]), []
        name = _question_variable(place, variables)
        if not answers:
            raise InputError(
                f"{place}: no assertion has a right answer in it; add one of {', '.join(_EQUAL_TO)}"
            )
        others = {key: value for key, value in variables.items() if key != name}
        yield (
            place,
            {
                "question": variables[name],
                "answer": answers,
                "inputs": {key: str(value) for key, value in others.items() if value is not None},
                "groups": groups,
            },
        )


def _question_variable(place: str, variables: Mapping[str, Any]) -> str:
    names = [name for name in variables if name.casefold() in question_names({})]
    if len(names) == 1 or len(variables) == 1:
        return names[0] if names else next(iter(variables))
    if "question" in variables:
        return "question"
    raise InputError(
        f"{place}: which variable is the question ({', '.join(variables) or 'none'})? Call it "
        "question"
    )


def _assertion(cell: str) -> dict[str, Any]:
    found = _ASSERTION.fullmatch(cell.strip())
    if found is None or not ("-" in found["type"] or found["type"] in (*_EQUAL_TO, *_OTHERS)):
        return {"type": "equals", "value": cell}
    value: Any = found["value"]
    kind = found["type"]
    return {"type": kind, "value": re.split(r"\s*,\s*", value) if kind in _ONE_OF else value}


def _answers(assertions: list[Mapping[str, Any]]) -> list[str]:
    one = [str(a["value"]) for a in assertions if a.get("type") in _EQUAL_TO]
    several = [str(v) for a in assertions if a.get("type") in _ONE_OF for v in a["value"]]
    return list(dict.fromkeys([*one, *several]))
