"""Arrow and Parquet files, and folders of the Hugging Face datasets library: saved data sets, and
repositories of the hub.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from modellab.core.errors import BrokenFileError, InputError, first_line

_SAVED = ("dataset_info.json", "dataset_dict.json", "state.json")
#: front matter in the README of a data set
_FRONT = re.compile(r"\A---\s*\n(?:(?!---).*\n)*?(?:configs|dataset_info):")


def is_dataset_folder(path: Path) -> bool:
    """Whether a folder was saved by the datasets library, or is a data set of the hub."""
    if any((path / name).is_file() for name in _SAVED):
        return True
    readme = path / "README.md"
    try:
        text = readme.read_text(encoding="utf-8") if readme.is_file() else ""
    except (UnicodeDecodeError, OSError):
        return False
    return _FRONT.match(text) is not None


def read_dataset_folder(
    path: Path, split: str | None, subset: str | None
) -> tuple[Iterator[tuple[str, Mapping[str, Any]]], tuple[str, ...]]:
    """The rows of one split, each with a column `split`, and a note on the choice.

    Raises InputError for an unknown or ambiguous split or subset, and BrokenFileError for a folder
    that the library cannot read.
    """
    found = _splits(path, subset)
    if split is None and len(found) > 1:
        raise InputError(
            f"{path}: splits {', '.join(found)}; choose one: `split: {next(iter(found))}`"
        )
    if split is not None and split not in found and len(found) > 1:
        raise InputError(f"{path}: no split {split!r} (there are: {', '.join(found)})")
    name = split if split is not None and split in found else next(iter(found))
    note = f"split {name!r}" + (f" of {', '.join(found)}" if len(found) > 1 else "")
    return _rows(path, name, found[name]), (note,)


def _rows(path: Path, split: str, data: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    labels = {
        name: kind for name, kind in (data.features or {}).items() if hasattr(kind, "int2str")
    }
    for number, row in enumerate(data, start=1):
        # class labels are numbers in the files, -1 for none
        named = {
            name: kind.int2str(row[name]) if (row[name] or 0) >= 0 else None
            for name, kind in labels.items()
            if row[name] is not None
        }
        yield f"{path}: {split}, row {number}", {"split": split, **row, **named}


def _splits(path: Path, subset: str | None) -> Mapping[str, Any]:
    import datasets

    try:
        if any((path / name).is_file() for name in _SAVED):
            found = datasets.load_from_disk(str(path))
        else:
            # streaming avoids a copy in the library's cache
            found = datasets.load_dataset(str(path), subset, streaming=True)
    except (ValueError, OSError, KeyError, TypeError, datasets.exceptions.DatasetsError) as error:
        reason = first_line(error)
        advice = "; choose one: `subset: ...`" if "config" in reason.lower() else ""
        raise BrokenFileError(
            f"{path}: not a data set that can be read ({reason}){advice}"
        ) from None
    if isinstance(found, dict):
        return dict(found)
    return {str(found.split or "train"): found}


def read_arrow_file(path: Path, parquet_file: bool) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The rows of a file in Parquet, Feather or one of Arrow's formats.

    Raises BrokenFileError for a file that cannot be read.
    """
    import pyarrow as pa
    from pyarrow import feather, ipc, parquet

    try:
        if parquet_file:
            table = parquet.ParquetFile(path).read()
        else:
            try:
                table = feather.read_table(path)
            except pa.ArrowInvalid:
                # the stream format of the datasets library
                with pa.memory_map(str(path)) as source:
                    table = ipc.open_stream(source).read_all()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except (pa.ArrowException, OSError) as error:
        raise BrokenFileError(
            f"{path}: cannot be read as {path.suffix}: cut off, damaged, or another kind of file "
            f"({first_line(error)})"
        ) from None
    labels = _class_labels(table.schema.metadata or {})
    for number, row in enumerate(table.to_pylist(), start=1):
        named = {
            name: names[row[name]] if 0 <= row[name] < len(names) else None
            for name, names in labels.items()
            if isinstance(row.get(name), int)
        }
        yield f"{path}: row {number}", {**row, **named}


def _class_labels(metadata: Mapping[bytes, bytes]) -> dict[str, list[str]]:
    """By column the names of class labels, as the datasets library writes them into a file."""
    features = json.loads(metadata.get(b"huggingface", b"{}")).get("info", {}).get("features") or {}
    kinds = {name: kind for name, kind in features.items() if isinstance(kind, dict)}
    return {n: kind["names"] for n, kind in kinds.items() if kind.get("_type") == "ClassLabel"}
