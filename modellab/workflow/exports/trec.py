"""TREC: the rankings of retrievers as runs, and the relevance judgements as qrels.

Source of the formats: trec_eval's README (NIST).
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from modellab.core.io.atomic import atomic_file
from modellab.core.io.jsonl import read_rows
from modellab.core.records import Context, Passage, Question
from modellab.tasks.retrieval.ranking_metrics import by_chunk, by_document
from modellab.workflow.exports.protocol import Exported

#: the ranked field of a passage, by level
_IDS = {"chunks": "chunk_id", "documents": "document_id"}
_Line = tuple[str, ...]


def write(exported: Exported, folder: Path) -> Sequence[str]:
    """Write `{level}/{retriever}.run` and `{level}/qrels.txt`; a level is chunks or documents."""
    notes: list[str] = []
    contexts = {path.stem: read_rows(path, Context) for path in exported.contexts()}
    for level, name in _IDS.items():
        for retriever, found in contexts.items():
            if lines := [line for one in found for line in _run(one, name)]:
                notes += _write(folder / level / f"{retriever}.run", lines)
        if qrels := [line for one in exported.questions for line in _qrels(one, level)]:
            notes += _write(folder / level / "qrels.txt", qrels)
    return notes


def _run(context: Context, name: str) -> Iterator[_Line]:
    """Query, Q0, id, rank, score, tag; a document has the place of its best chunk.

    Scores that do not decrease with the ranks are replaced by 1/rank: trec_eval sorts by scores.
    """
    best: dict[str, Passage] = {}
    for passage in context.passages:
        best.setdefault(getattr(passage, name), passage)
    scores = [passage.score for passage in best.values()]
    decreasing = all(one > other for one, other in pairwise(scores))
    for rank, (one, score) in enumerate(zip(best, scores, strict=True), start=1):
        shown = score if decreasing else 1 / rank
        yield (context.question_id, "Q0", one, str(rank), repr(shown), context.retriever)


def _qrels(question: Question, level: str) -> Iterator[_Line]:
    judged = (by_chunk if level == "chunks" else by_document)(question, ())
    for one, grade in judged.grades.items():
        yield (question.id, "0", one, str(grade))


def _write(path: Path, lines: Iterable[_Line]) -> Iterator[str]:
    """Write with tabs if an id has spaces, which yields a note."""
    kept = list(lines)
    spaces = next((cell for line in kept for cell in line if len(cell.split()) != 1), None)
    between = " " if spaces is None else "\t"
    with atomic_file(path) as handle:
        handle.writelines(f"{between.join(line)}\n" for line in kept)
    if spaces is not None:
        where = f"{path.parent.name}/{path.name}"
        yield f"{where}: has tabs between cells, as the id {spaces!r} has spaces"
