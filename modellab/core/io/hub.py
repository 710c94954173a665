"""Data sets of the Hugging Face hub, as folders of its cache: `hf://datasets/OWNER/NAME@REVISION`."""

from __future__ import annotations

import re
from pathlib import Path

from modellab.core.errors import InputError
from modellab.core.io.table_file import ENDINGS

#: a path has one slash for several
_ADDRESS = re.compile(r"hf:/+datasets/(?P<id>[\w.-]+/[\w.-]+)(?:@(?P<revision>[\w./-]+))?/?")
#: what is fetched of a repository: tables and what says how they belong together
_FILES = [f"*{ending}{gz}" for ending in (*ENDINGS, ".txt", ".md") for gz in ("", ".gz")]


def is_hub_address(path: Path) -> bool:
    return _ADDRESS.fullmatch(str(path)) is not None


def local_copy(path: Path) -> Path:
    """The folder of the cache that holds a data set; fetched once, then used without a network.

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
    # what an interrupted download leaves looks like a copy too
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
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"{address}: cannot be fetched ({reason})") from None
    whole.parent.mkdir(exist_ok=True)
    whole.touch()
    return Path(folder)
