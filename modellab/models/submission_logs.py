"""Logs of other programs as rows of answers: lm-eval, lighteval, inspect, promptfoo, batches.

Source of the formats: lm-evaluation-harness `--log_samples` (a row per document and filter, with
`doc`, `target`, `resps`, `filtered_resps`); inspect_ai's log in JSON, or its `.eval` archive of one
JSON file per sample (with `input`, `target`, `output.choices`, `epoch`); lighteval's details (with
`doc` and `model_response`, of older versions with `full_prompt` and `predictions`); promptfoo's
results as CSV (`[PASS] text`, or a text before `Status`).
"""

import json
import logging
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from modellab.core.errors import InputError
from modellab.core.io.table_file import Row, TableFile
from modellab.core.text.json_reading import written_value

log = logging.getLogger(__name__)

Rows = list[tuple[str, Row]]

_LM_EVAL = frozenset({"doc_id", "doc", "filtered_resps"})
_INSPECT = frozenset({"id", "epoch", "output"})
#: of lighteval's details
_LIGHTEVAL = (frozenset({"doc", "model_response"}), frozenset({"full_prompt", "predictions"}))
#: of promptfoo's results: columns beside each output, and the start of older outputs
_PROMPTFOO = frozenset({"Status", "Score", "Named Scores"})
_STATUS = re.compile(r"Status(?: \(\d+\))?")
_VERDICT = re.compile(r"\[(PASS|FAIL|ERROR)\]\s*")
#: this project's predictions, whose answers are maps
_PREDICTIONS = frozenset({"question_id", "retriever", "repeat", "status", "answer"})
#: names of the question in the documents of lm-eval's tasks
_QUESTIONS = ("question", "query", "input", "prompt", "problem", "text")
#: written by filters of lm-eval that find no answer in a reply
INVALID = "[invalid]"
#: why there is none
_NO_ANSWER = {"error": "no answer in the sample"}
#: the end of a likelihood in samples of lm-eval: whether it is of the likeliest text
_GREEDY = ("[True]", "[False]", "['True']", "['False']")
#: where an API's reply holds its text, and where rows hold replies
_REPLIES = (
    *("choices.0.message.content", "choices.0.text", "candidates.0.content.parts"),
    *("output.message.content", "output", "message.content", "content", "completions.0.text"),
)
_REASONS = (
    *("choices.0.finish_reason", "candidates.0.finishReason", "stop_reason"),
    *("incomplete_details.reason", "promptFeedback.blockReason"),
)
_HOLDERS = ("response.body", "response", "result.message", "result", "modelOutput")
#: of rows that hold the answer in a map: where the id, the question and the answer are
_NESTED: Mapping[str, tuple[str, ...]] = {
    "id": ("custom_id", "instance.id", "key", "recordId"),
    "question": (
        *("inputs.question", "inputs.query", "inputs.input", "inputs.messages", "inputs"),
        *("input.question", "input.query", "input.input", "input.messages", "input"),
        *("vars.question", "vars.query", "vars.input", "vars.prompt", "instance.input.text"),
        *("request.contents", "modelInput.messages", "messages"),
    ),
    "answer": (
        *("outputs.answer", "outputs.output", "outputs.response", "outputs.messages"),
        *("output.answer", "output.output", "output.response", "output.messages"),
        "inputs.response",
        *(f"{holder}.{reply}" for holder in _HOLDERS for reply in _REPLIES),
        *("choices.0.turns.0", "choices.0.message.content", "choices.0.text"),
        *("messages", "outputs", "output"),
    ),
    "error": ("result.error", "response.body.error", "response.error"),
    # an empty answer with one of these is none
    "status": (
        *(f"{holder}.{reason}" for holder in _HOLDERS for reason in _REASONS),
        "result.type",
    ),
}


def adapted(file: TableFile) -> tuple[Rows, tuple[str, ...]]:
    """The rows with `id` or `question` and `answer`, and how they were read.

    An answer that is a JSON object gives each of its fields, too. A sample without an answer has
    an error, as an empty answer is an abstention. Any other table stays as it is.

    Raises:
        InputError: (place) Answers are no texts, or no sample has one.
    """
    rows = list(file.rows)
    first = rows[0][1] if rows else {}
    if set(first) >= _LM_EVAL:
        found, what = _lm_eval(_first_of(rows, "filter")), "samples of lm-eval"
    elif set(first) >= _INSPECT:
        found, what = _inspect(_first_of(rows, "epoch")), "a log of inspect"
    elif any(set(first) >= names for names in _LIGHTEVAL):
        found, what = _lighteval(rows), "details of lighteval"
    elif outputs := _outputs(rows):
        return _promptfoo(rows, outputs), ("results of promptfoo", *file.notes)
    elif set(first) >= _PREDICTIONS:
        return _predictions(rows), file.notes
    elif any(_is_nested(row) for _, row in rows):
        for place, row in rows:
            if row.get("request_mode") in ("original", "calibration"):
                raise _by_likelihood(place, "request_mode")  # of HELM
        return [(place, {**row, **_nested(row)}) for place, row in rows], file.notes
    else:
        return rows, file.notes
    if all(row["answer"] is None for _, row in found):
        raise InputError(f"{rows[0][0]}: none of {len(found)} samples has an answer ({what})")
    read: Rows = []
    for place, row in found:
        why = _NO_ANSWER if row["answer"] is None else {}
        read.append((place, {**why, **row, **_fields(row["answer"] or "")}))
    lacking = sum(row["answer"] is None for _, row in found)
    notes = [f"{lacking} samples without an answer"] if lacking else []
    return read, (what, *notes, *file.notes)


def _first_of(rows: Rows, column: str) -> Rows:
    """The rows of the first of several filters or epochs."""
    names = list(dict.fromkeys(row.get(column) for _, row in rows))
    if len(names) > 1:
        several = ", ".join(map(str, names))
        message = "%s: only the first %s counts (of %s); others by `where: {%s: ...}`"
        log.warning(message, rows[0][0], column, several, column)
    return [one for one in rows if one[1].get(column) == names[0]]


def _predictions(rows: Rows) -> Rows:
    """The fields of answers as columns."""
    return [
        (place, {**row, **(dict(row["answer"]) or {"answer": None})})
        for place, row in rows
        if row.get("status") != "missing" and row.get("repeat") in (1, None)
    ]


def _is_nested(row: Row) -> bool:
    paths = (p for paths in _NESTED.values() for p in paths if "." in p or p == "messages")
    return "answer" not in row and any(at_path(row, path) is not None for path in paths)


def _nested(row: Row) -> Row:
    """The id, question, answer and error of a row, as far as they are in maps and lists."""
    found = {}
    for field, paths in _NESTED.items():
        values = (_text(at_path(row, path), field) for path in paths)
        value = next((value for value in values if value is not None), None)
        if value is not None:
            found[field] = value
    return found


def at_path(row: Any, path: str) -> Any:
    """What a row holds at a path, such as `choices.0.text`; a column may have that name, too."""
    if isinstance(row, Mapping) and path in row:
        return row[path]
    found = row
    for name in path.split("."):
        found = _map(found)
        if isinstance(found, Mapping):
            found = found.get(name)
        elif isinstance(found, list) and name.isdecimal() and int(name) < len(found):
            found = found[int(name)]
        else:
            return None
    return found


def _map(value: Any) -> Any:
    """A cell that holds JSON or a value of Python, as what it holds."""
    written = isinstance(value, str) and value[:1] in ("{", "[")
    found = written_value(value) if written else None
    return value if found is None else found


def _text(value: Any, field: str) -> Any:
    """A text or number; of messages the last one of the user or the assistant."""
    value = _map(value)
    if isinstance(value, list):
        role = "user" if field == "question" else "assistant"
        said = [m for m in value if isinstance(m, Mapping) and m.get("role") == role]
        value = _of_parts(said[-1].get("content", said[-1].get("parts")) if said else value)
    if field == "error" and value is not None:
        return json.dumps(value)
    return None if isinstance(value, Mapping | list) else value


def _of_parts(content: Any) -> Any:
    """The text of a message in parts, without its thoughts; None if no part is a text."""
    if not isinstance(content, list):
        return content
    parts = [p for p in content if isinstance(p, Mapping) and not p.get("thought")]
    texts = [p["text"] for p in parts if isinstance(p.get("text"), str)]
    return "".join(texts) if texts else None


def _fields(answer: str) -> Row:
    """The fields of an answer that is a JSON object; none of any other."""
    try:
        found = json.loads(answer) if answer.lstrip().startswith("{") else None
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _lm_eval(rows: Rows) -> Rows:
    """One row per document; ids are those of the document, if any.

    The answer is None where no filter found one.
    """
    found: Rows = []
    for place, row in rows:
        doc = row["doc"] if isinstance(row["doc"], Mapping) else {}
        answer = row["filtered_resps"]
        if all(isinstance(one, list) and str(one[-1:]) in _GREEDY for one in answer):
            texts = _continuations(row.get("arguments"))
            answer = _likeliest(place, "filtered_resps", [one[0] for one in answer], texts)
        # the first text of lists in lists
        while isinstance(answer, list) and answer and not isinstance(answer[0], int | float):
            answer = answer[0]
        if not isinstance(answer, str):
            raise _by_likelihood(place, "filtered_resps")
        question = next((doc[name] for name in _QUESTIONS if isinstance(doc.get(name), str)), None)
        name = {"id": doc["id"]} if doc.get("id") is not None else {}
        name |= {"question": question} if question is not None else {}
        read = None if answer == INVALID else answer
        found.append((place, {**(name or {"id": row["doc_id"]}), "answer": read}))
    return found


def _continuations(arguments: Any) -> list[str]:
    """The texts whose likelihoods a sample of lm-eval has: the second argument of each request."""
    requests = list(arguments.values()) if isinstance(arguments, Mapping) else arguments or []
    pairs = [list(one.values()) if isinstance(one, Mapping) else one for one in requests]
    return [str(pair[1]).strip() for pair in pairs if isinstance(pair, list) and len(pair) > 1]


def _likeliest(place: str, column: str, values: Any, texts: Sequence[Any]) -> str:
    """The text with the highest likelihood. Raises InputError if it is unclear which has which."""
    plain = [str(text).strip() for text in texts]
    if not isinstance(values, list) or len(values) < 2 or len(values) != len({*plain}):
        raise _by_likelihood(place, column)
    # lighteval's older details have pairs of a likelihood and whether it is of the likeliest text
    numbers = [float(one[0] if isinstance(one, list) else one) for one in values]
    return plain[numbers.index(max(numbers))]


def _by_likelihood(place: str, column: str) -> InputError:
    text = "no text; answers that are chosen by likelihood need one for each of several choices"
    return InputError(f"{place}: {column}: {text}")


def _lighteval(rows: Rows) -> Rows:
    """The first answer to each document."""
    found: Rows = []
    for place, row in rows:
        doc, response = _map(row.get("doc", row)), _map(row.get("model_response")) or {}
        texts = response.get("text_post_processed") or response.get("text")
        texts = _map(row["predictions"] if texts is None else texts)
        values, choices = _map(response.get("logprobs")), _map(doc.get("choices")) or []
        chosen = isinstance(values, list) and len(values) == len(choices) > 1
        if chosen or not texts or not isinstance(texts[0], str):
            column, values = ("model_response", values) if response else ("predictions", texts)
            texts = [_likeliest(place, column, values, choices)]
        name = {"id": doc["id"]} if doc.get("id") else {}
        text = next(doc[key] for key in ("query", "example", "full_prompt") if doc.get(key))
        found.append((place, {**name, "question": text, "answer": texts[0]}))
    return found


def _outputs(rows: Rows) -> list[str]:
    """The columns of outputs in results of promptfoo; none in other tables."""
    names = list(rows[0][1]) if rows else []
    if set(names) >= _PROMPTFOO:
        return [names[at - 1] for at, name in enumerate(names) if _STATUS.fullmatch(name)]
    return [
        name
        for name in names
        if str(name).startswith("[")
        and all(_VERDICT.match(str(row[name])) for _, row in rows if row[name] not in (None, ""))
    ]


def _promptfoo(rows: Rows, outputs: list[str]) -> Rows:
    """Outputs without their verdict and its reason; the only one is the answer."""
    found: Rows = []
    for place, row in rows:
        texts = {}
        for name in outputs:
            verdict, text = _VERDICT.match(str(row[name])), str(row[name] or "")
            texts[name] = text[verdict.end() :] if verdict else text
            if verdict and verdict[1] != "PASS":
                reason, mark, output = texts[name].partition("\n---\n")
                texts[name] = output if mark else reason
            beside = dict(pairwise(row)).get(name, "")
            status = row[beside] if _STATUS.fullmatch(beside) else verdict and verdict[1]
            if status == "ERROR":
                texts |= {name: "", "error": texts[name] or status}
            if len(outputs) == 1:
                texts["answer"] = texts[name]
        found.append((place, {**row, **texts}))
    return found


def _inspect(rows: Rows) -> Rows:
    """One row per sample; the answer is None where the model gave none."""
    found: Rows = []
    for place, row in rows:
        output = row["output"] or {}
        answer = output.get("completion") or _of_parts(at_path(output, "choices.0.message.content"))
        question = _text(row.get("input"), "question")
        asked = {"question": question} if isinstance(question, str) else {}
        stop = at_path(output, "choices.0.stop_reason")
        why = (
            at_path(row, "error.message")
            or at_path(row, "limit.reason")
            or (stop != "stop" and stop)
        )
        failed = {"error": why} if why and not answer else {}
        found.append((place, {"id": row["id"], **asked, "answer": answer, **failed}))
    return found
