"""Data set folders in the layouts of BEIR and MTEB, and copies from the Hugging Face hub."""

import re
from collections.abc import Sequence
from pathlib import Path

from modellab.core.errors import InputError, first_line
from modellab.core.io.table_file import ENDINGS

#: folders with judgements, the likeliest first
_FOLDERS = ("qrels", "default", "data")
_ENDINGS = (*ENDINGS, ".txt", ".xml", ".qrels", ".qrel", ".trec")
#: shard of a file of the hub
_SHARD = re.compile(r"-\d{5}-of-\d{5}")
#: names of files of queries: of BEIR and MTEB, of MIRACL and TREC
QUERIES = ("queries", "topics")
#: the default split of judgements
DEFAULT_SPLIT = "test"


def is_retrieval_folder(path: Path) -> bool:
    """Whether a folder is a retrieval data set: a corpus, and queries with judgements."""
    return bool(corpus_files(path) and queries_of(path) and judgements_of(path))


def queries_of(path: Path) -> list[Path]:
    """The files of queries of a retrieval data set."""
    return next((found for name in QUERIES if (found := tables_of(path, name))), [])


def corpus_files(path: Path) -> list[Path]:
    """The documents of a retrieval data set."""
    return tables_of(path, "corpus")


def home_of(path: Path) -> Path:
    """The folder of a data set, given itself or its file of queries, maybe in `queries/`."""
    if path.is_dir():
        return path
    return path.parent.parent if path.parent.name in QUERIES else path.parent


def tables_of(folder: Path, name: str) -> list[Path]:
    """The tables with this name in a folder, or those in its subfolder of that name."""
    inside = sorted(
        file
        for file in folder.iterdir()
        if file.is_file() and file.name.lower().startswith(name) and _is_table(file)
    )
    exact = [file for file in inside if _stem(file) == name]
    below = folder / name
    return (
        exact[:1]
        or inside
        or sorted(file for file in (below.iterdir() if below.is_dir() else ()) if _is_table(file))
    )


def judgements_of(folder: Path) -> dict[str, list[Path]]:
    """Files of judgements by split, in one of the formats of a split."""
    files = [
        file for file in folder.iterdir() if _is_table(file) and _stem(file).startswith("qrel")
    ]
    for name in _FOLDERS:
        below = folder / name
        if not files and below.is_dir():
            files = [file for file in below.iterdir() if _is_table(file)]
    found: dict[str, dict[str, list[Path]]] = {}
    for file in sorted(files):
        split = re.sub(r"^qrels?[._-]?", "", _SHARD.sub("", _stem(file))) or DEFAULT_SPLIT
        found.setdefault(split, {}).setdefault(file.name[len(_stem(file)) :], []).append(file)
    return {split: next(iter(kinds.values())) for split, kinds in found.items()}


def of_split(files: Sequence[Path], split: str | None) -> Sequence[Path]:
    """The files with the split in their names; all if there are none."""
    return [file for file in files if split and split in re.split(r"[._-]", _stem(file))] or files


def _is_table(file: Path) -> bool:
    return file.is_file() and file.name.lower().removesuffix(".gz").endswith(_ENDINGS)


def _stem(file: Path) -> str:
    """The file name in lower case without its extension: `qrels.dev` of `qrels.dev.tsv.gz`."""
    name = file.name.lower().removesuffix(".gz")
    ending = next((ending for ending in _ENDINGS if name.endswith(ending)), "")
    return name[: len(name) - len(ending)]


#: Path joins repeated slashes
_ADDRESS = re.compile(r"hf:/+datasets/(?P<id>[\w.-]+/[\w.-]+)(?:@(?P<revision>[\w./-]+))?/?")
#: files to download: tables and their description
_FILES = [f"*{ending}{gz}" for ending in (*ENDINGS, ".txt", ".md") for gz in ("", ".gz")]


def is_hub_address(path: Path) -> bool:
    return _ADDRESS.fullmatch(str(path)) is not None


def local_copy(path: Path) -> Path:
    """The folder of a data set in the hub's cache; downloaded once, then used offline.

    Raises:
        InputError: There is no such data set, or neither a network nor a copy.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.constants import HF_HUB_CACHE
    from huggingface_hub.errors import (
        HfHubHTTPError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
    )

    found = _ADDRESS.fullmatch(str(path))
    assert found is not None
    name, revision = found["id"], found["revision"]
    home = Path(HF_HUB_CACHE) / f"datasets--{name.replace('/', '--')}"
    # marks a complete download: an interrupted one leaves a folder too
    whole = home / "modellab" / (revision or "main").replace("/", "--")
    address = f"hf://datasets/{name}" + (f"@{revision}" if revision else "")
    try:
        folder = snapshot_download(
            name,
            repo_type="dataset",
            revision=revision,
            allow_patterns=_FILES,
            local_files_only=whole.exists(),
        )
    except RepositoryNotFoundError:
        raise InputError(
            f"{address}: no such data set on the hub, or one that needs a token (HF_TOKEN)"
        ) from None
    except LocalEntryNotFoundError:
        raise InputError(f"{address}: not in the hub's cache, and the hub is not reached") from None
    except (HfHubHTTPError, OSError, ValueError) as error:
        raise InputError(f"{address}: cannot be fetched ({first_line(error)})") from None
    whole.parent.mkdir(exist_ok=True)
    whole.touch()
    return Path(folder)
