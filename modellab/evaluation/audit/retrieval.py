"""Whether a retriever finds anything: without passages every model fails, and looks at fault."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from modellab.core.io.jsonl import read_rows
from modellab.core.records import Context
from modellab.evaluation.audit.options import AuditOptions
from modellab.evaluation.audit.protocol import Outcome, at_most

CHECK = "empty_retrieval"


def empty_retrieval(contexts: Sequence[Context], options: AuditOptions) -> Outcome:
    """The share of questions with no passage, or only such as have a score of 0."""
    empty = sum(all(passage.score == 0 for passage in one.passages) for one in contexts)
    share = empty / len(contexts) if contexts else 0.0
    message = (
        f"nothing was found for {empty} of {len(contexts)} questions; check the `language` of the "
        "corpus and that questions and documents are in the same language"
    )
    return at_most(share, options.max_empty_retrieval, message)


def audit_retrievers(files: Sequence[Path], options: AuditOptions) -> dict[str, Outcome]:
    """By retriever what its contexts show; each file is named by its retriever."""
    return {path.stem: empty_retrieval(read_rows(path, Context), options) for path in files}
