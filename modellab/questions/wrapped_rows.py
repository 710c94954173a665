"""Rows of other programs with a question inside: Argilla, FlashRAG, HELM, lighteval, ...

Each becomes a row of a plain table, which may then be of any other format.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from modellab.core.errors import InputError
from modellab.core.io.table_file import Row, TableFile
from modellab.core.text.json_reading import written_value

#: the end of Argilla's columns of responses in flat exports
_RESPONSES = ".responses"
#: rows among which one must be of a format
_FIRST = 50


class Wrapping(NamedTuple):
    """How rows of a program hold a question.

    Attributes:
        fits: Whether a row is one of these.
        inner: The row inside; None if it is no question with an answer.
        key: The number of the question; the first of several rows counts. None: each row has its
            own.
    """

    fits: Callable[[Row], bool]
    inner: Callable[[Row], Row | None]
    key: Callable[[Row], Any] | None = None


def wrapping_of(rows: Sequence[Row]) -> str | None:
    """The program that wrote these rows, if it is one of these."""
    first = rows[:_FIRST]
    return next((name for name, one in WRAPPINGS.items() if any(map(one.fits, first))), None)


def unwrapped(kind: str, file: TableFile) -> TableFile:
    """The rows inside, with a note on others. Raises InputError (place) for another kind of row."""
    wrapping = WRAPPINGS[kind]
    found: dict[str, tuple[str, Row]] = {}
    for place, row in file.rows:
        try:
            key = str(wrapping.key(row)) if wrapping.key else place
            inner = wrapping.inner(row) if key not in found else None
        except (AttributeError, KeyError, TypeError, IndexError, ValueError) as error:
            keys = ", ".join(map(str, row))
            text = f"{place}: not a row of the format {kind!r} ({error!r}; found: {keys})"
            raise InputError(text) from None
        if inner is not None:
            found[key] = place, inner
    left_out = len(file.rows) - len(found)
    if not found:
        raise InputError(f"{file.rows[0][0]}: no question with an answer in {left_out} rows")
    note = f"{left_out} rows left out: without an answer, or about a question above"
    notes = [note] if left_out else []
    return replace(file, rows=tuple(found.values()), notes=(*notes, *file.notes))


def _argilla(row: Row) -> Row | None:
    """Fields, and for each question to annotators the different values of submitted responses.

    Suggestions are a model's. Source: `Record.to_dict` of Argilla 2 and its flat form, and data
    sets of Argilla 1 on the hub, where the column of a question has its responses.
    """
    given = _responses(row)
    if isinstance(row.get("responses"), Mapping):
        others: Row = {**row["fields"], "id": row.get("id"), "metadata": row.get("metadata")}
    else:
        others = {
            name: v for name, v in row.items() if name not in given and _RESPONSES not in name
        }
    answers = {}
    for name, responses in given.items():
        kept = [one["value"] for one in responses if one.get("status") in (None, "submitted")]
        values = [v for at, v in enumerate(kept) if v is not None and v not in kept[:at]]
        answers[name] = values[0] if len(values) == 1 else values
    return {**others, **answers} if any(answers.values()) else None


def _is_argilla(row: Row) -> bool:
    return {"fields", "responses", "suggestions"} <= set(row) or bool(_responses(row))


def _responses(row: Row) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """By question to annotators their responses; none for rows of another program."""
    nested = row.get("responses")
    if isinstance(nested, Mapping) and isinstance(row.get("fields"), Mapping):
        return nested
    flat = {
        name.removesuffix(_RESPONSES): [
            {"value": value, "status": status} for value, status in zip(values, states, strict=True)
        ]
        for name, values in row.items()
        if str(name).endswith(_RESPONSES)
        for states in [row.get(f"{name}.status")]
        if isinstance(values, list) and isinstance(states, list) and len(values) == len(states)
    }
    return flat or {
        name: value
        for name, value in row.items()
        if isinstance(value, list) and value and "external_id" in row
        if all(isinstance(one, Mapping) and {"user_id", "value"} <= set(one) for one in value)
    }


def _instance(row: Row) -> Row:
    """The instance of HELM, also in a row of `request_states`."""
    found: Row = row.get("instance", row)
    return found


def _is_helm(row: Row) -> bool:
    one = _instance(row)
    if not isinstance(one, Mapping) or not isinstance(one.get("references"), list):
        return False
    asked = isinstance(one.get("input"), Mapping) and "text" in one["input"]
    return asked and all(isinstance(ref, Mapping) and "output" in ref for ref in one["references"])


def _helm(row: Row) -> Row | None:
    """Correct references are answers; one beside others is the right choice.

    Source: `Instance` in HELM's `scenario.py`. Those of the split `train` are examples for prompts,
    perturbed ones repeat others.
    """
    one = _instance(row)
    if one.get("split") == "train" or one.get("perturbation"):
        return None
    texts = [each["output"]["text"] for each in one["references"]]
    right = [at for at, each in enumerate(one["references"]) if "correct" in each["tags"]]
    asked = {"id": one.get("id"), "question": one["input"]["text"], "split": one.get("split")}
    return {**asked, **_answers(texts, right)}


def _is_lighteval(row: Row) -> bool:
    old, new = {"full_prompt", "gold", "predictions"}, {"doc", "model_response"}
    return old <= set(row) or new <= set(row)


def _lighteval(row: Row) -> Row:
    """The golds are answers; one beside other choices is the right one.

    Source: lighteval's `DetailsLogger.Detail` and `Doc`. What Arrow cannot hold is written as text.
    """
    doc = _read(row["doc"]) if "doc" in row else row
    choices = [str(text).strip() for text in _listed(_read(doc.get("choices"))) or _golds(row)]
    right = _listed(_read(doc["gold_index"])) if doc.get("choices") else range(len(choices))
    name = {"id": doc["id"]} if doc.get("id") else {}
    text = next(doc[key] for key in ("query", "example", "full_prompt") if doc.get(key))
    return {**name, "question": text, **_answers(choices, [int(at) for at in right])}


def _golds(row: Row) -> list[Any]:
    return _listed(_read(row["gold"]))


def _answers(texts: Sequence[str], right: Sequence[int]) -> dict[str, Any]:
    """Texts of which some are right, as choices or as answers."""
    if len(right) == 1 and len(texts) > 1:
        return {"choices": list(texts), "answer_index": right[0]}
    return {"answers": [texts[at] for at in right]} if right else {}


def _read(value: Any) -> Any:
    """A list or map, perhaps written as text."""
    written = isinstance(value, str) and value[:1] in ("[", "{")
    return written_value(value) if written else value


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [] if value is None else [value]


def _is_inspect(row: Row) -> bool:
    return {"id", "epoch", "input", "target"} <= set(row)


def _inspect(row: Row) -> Row:
    """A sample without what the model said."""
    return {name: row.get(name) for name in ("id", "input", "target", "choices", "metadata")}


def _is_lm_eval(row: Row) -> bool:
    return {"doc_id", "doc", "target"} <= set(row) and isinstance(row["doc"], Mapping)


def _is_flashrag(row: Row) -> bool:
    inner = row.get("metadata")
    return "golden_answers" in row and isinstance(inner, Mapping) and bool(inner)


def _flashrag(row: Row) -> Row:
    """The row of a published data set, all but its question in `metadata` (Jin et al. 2024)."""
    others = {name: value for name, value in row.items() if name != "metadata"}
    return {**row["metadata"], **others, "answer": row["golden_answers"]}


WRAPPINGS: Mapping[str, Wrapping] = {
    "argilla": Wrapping(_is_argilla, _argilla),
    "flashrag": Wrapping(_is_flashrag, _flashrag),
    "helm": Wrapping(_is_helm, _helm, lambda row: _instance(row).get("id")),
    "inspect": Wrapping(_is_inspect, _inspect, lambda row: row["id"]),
    "lighteval": Wrapping(_is_lighteval, _lighteval),
    "lm_eval": Wrapping(
        _is_lm_eval,
        lambda row: {"target": row["target"], **row["doc"]},
        lambda row: row["doc_id"],
    ),
}
