"""Predictions as a pandas frame: answers and their resource usage."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from modellab.core.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

_TEXTS = ("question_id", "retriever", "status", "key", "run", "finish_reason", "answered_as")
#: missing where a row does not report them
_NUMBERS = (
    *("prompt_tokens", "completion_tokens", "cost_usd", "latency_seconds"),
    *("queue_seconds", "seconds_per_answer", "confidence"),
)
#: bytes that are parsed at a time; a longer line is an error
_BLOCK = 1 << 28


def read_prediction_frame(
    path: Path, fields: Sequence[str], also: Sequence[str] = (), passages: bool = False
) -> pd.DataFrame:
    """Read predictions, one row per line in the order of the file.

    Args:
        path: A file of `Prediction` rows (JSON Lines).
        fields: The fields of the task's answers.
        also: Further columns of text, such as `raw`.
        passages: Whether there is a column `passages`, their ids, one a line.

    Returns:
        `question_id`, `retriever`, `status`, `key`, `run`, `finish_reason`, `answered_as` (text
        or missing); `repeat`; the numbers that a row reports, as floats; `answer.{field}` for each
        field ("" where the answer has none); and what else was asked for.

    Raises:
        InputError: The file is missing or holds something else.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import json as arrow_json

    schema = pa.schema(
        [
            *((name, pa.string()) for name in (*_TEXTS, *also)),
            *((name, pa.float64()) for name in _NUMBERS),
            ("repeat", pa.int64()),
            *([("passages", pa.list_(pa.string()))] if passages else []),
            ("answer", pa.struct([(name, pa.string()) for name in fields])),
        ]
    )
    try:
        size = path.stat().st_size
        if not size:
            table = schema.empty_table()
        else:
            table = arrow_json.read_json(
                path,
                arrow_json.ReadOptions(use_threads=False, block_size=min(size, _BLOCK)),
                arrow_json.ParseOptions(schema, unexpected_field_behavior="ignore"),
            )
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except pa.ArrowInvalid as error:
        raise InputError(f"{path}: not predictions ({error})") from None
    if passages:
        joined = pc.fill_null(pc.binary_join(table["passages"], "\n"), "")
        table = table.set_column(table.schema.get_field_index("passages"), "passages", joined)
    frame: pd.DataFrame = table.flatten().to_pandas()
    return frame.assign(**frame.filter(like="answer.").fillna(""))
