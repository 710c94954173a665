"""Retrieval data sets of BEIR and MTEB: queries, and judgements of documents (qrels).

Folders of BEIR (Thakur et al. 2021) have `corpus.jsonl`, `queries.jsonl` and `qrels/{split}.tsv`;
MTEB's repositories on the hub have folders of Parquet with these names, judgements also in `data`
or `default`; ir_datasets and TREC have a file of judgements anywhere.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from modellab.core.errors import InputError
from modellab.core.io.columns import by_plain_name
from modellab.core.io.folders import (
    DEFAULT_SPLIT,
    QUERIES,
    home_of,
    judgements_of,
    of_split,
    queries_of,
)
from modellab.core.io.table_file import Row, TableFile
from modellab.core.io.trec import Qrel, read_qrels
from modellab.core.records import Question, RelevanceJudgement
from modellab.questions.protocol import QuestionsRead, RowFormat, lines_without_header

log = logging.getLogger(__name__)

#: names of the text of a query, the likeliest first
_TEXTS = ("text", "query", "question")
_IDS = ("_id", "id", "query_id", "qid")


class BeirFormat(RowFormat):
    """Queries with an id and a text each, and beside them the judgements of documents."""

    task: ClassVar[str | None] = "retrieval"
    keys: ClassVar[frozenset[str]] = frozenset({"text"})

    kind: Literal["beir", "mteb", "trec"] = Field(
        description="A folder of BEIR or MTEB or its file of queries; or any file of queries with "
        "judgements in `qrels`."
    )
    qrels: Path | None = Field(
        None,
        description="the file of judgements, from the folder of the queries: BEIR's or TREC's; "
        "null: what is in `qrels` beside the queries, of the split",
    )

    @classmethod
    def recognises(cls, path: Path) -> bool:
        """Whether a folder has queries and judgements, or a file of queries has judgements."""
        if path.is_dir():
            return bool(queries_of(path)) and bool(judgements_of(path))
        named = path.name.lower().startswith(QUERIES)
        return named and path.is_file() and bool(judgements_of(home_of(path)))

    def beside(self, path: Path) -> list[Path]:
        """The files of judgements."""
        if self.qrels is not None:
            return [home_of(path) / self.qrels]
        return [file for files in judgements_of(home_of(path)).values() for file in files]

    def table(self, path: Path) -> TableFile:
        found = queries_of(path) if path.is_dir() else [path]
        if not found:
            raise InputError(f"{path}: no queries; expected queries.jsonl beside qrels")
        files = [self._queries(file) for file in of_split(found, self.split)]
        return replace(files[0], rows=tuple(row for file in files for row in file.rows))

    def _queries(self, path: Path) -> TableFile:
        """The rows of a file; lines of id and text, as those of MS MARCO, need no header."""

        def no_header(cells: list[str]) -> bool:
            return not {name.strip().casefold() for name in cells} & {*_TEXTS, *_IDS}

        found = None
        if not self.columns:
            found = lines_without_header(path, self.encoding, ("_id", "text"), no_header)
        return found or super().table(path)

    def adapted(self, place: str, row: Row) -> Iterator[tuple[str, Row]]:
        """`text` is the text of a query here, and the id is the one in the judgements."""
        plain = by_plain_name(row)
        if self.columns:
            yield place, row
            return
        text = next((plain[name] for name in _TEXTS if name in plain), None)
        name = next((plain[n] for n in _IDS if n in plain), None)
        if text is None or name is None:
            raise KeyError(*["_id"] if text is not None else ["text"])
        others = {key: value for key, value in row.items() if key not in (text, name)}
        yield place, {"id": row[name], "question": row[text], **others}

    def questions(self, path: Path, file: TableFile) -> QuestionsRead:
        """The judged queries, in their order."""
        files = self._qrels(path)
        judged = by_query(files)
        read = super().questions(path, file)
        asked = {question.id: question for question in read.questions}
        unknown = [rows[0] for name, rows in judged.items() if name not in asked]
        if len(unknown) == len(judged):
            raise InputError(
                f"{unknown[0].source}: no query {unknown[0].query!r} in {path}, nor any other that "
                "is judged; judgements and queries must belong together"
            )
        if unknown:
            log.warning(
                "%s: %d of %d judged queries are not in %s, and left out (first: %r)",
                *(unknown[0].source, len(unknown), len(judged), path, unknown[0].query),
            )
        notes = [f"queries with the judgements of {', '.join(map(str, files))}"]
        if left_out := len(asked.keys() - judged.keys()):
            notes.append(f"{left_out} queries without judgements left out")
        tags = (self.split,) if self.split is not None else ()
        questions = [
            # the split of a dataset is also the tag of its questions
            replace(graded(q, judged[name]), tags=tuple(dict.fromkeys((*q.tags, *tags))))
            for name, q in asked.items()
            if name in judged
        ]
        return QuestionsRead(questions, (*notes, *read.notes), self.task)

    def _qrels(self, path: Path) -> list[Path]:
        if self.qrels is not None:
            file = home_of(path) / self.qrels
            if not file.is_file():
                raise InputError(f"{file}: no such file (`qrels` of the format)")
            return [file]
        splits = judgements_of(home_of(path))
        if not splits:
            raise InputError(
                f"{home_of(path)}: no judgements; expected qrels/test.tsv, or name the file: "
                "`format: {kind: beir, qrels: ...}`"
            )
        name = self.split or (DEFAULT_SPLIT if DEFAULT_SPLIT in splits else "")
        if name not in splits and len(splits) > 1:
            raise InputError(
                f"{home_of(path)}: judgements of {', '.join(splits)}; say which: "
                f"`split: {next(iter(splits))}`"
            )
        return splits[name if name in splits else next(iter(splits))]


def by_query(files: Iterable[Path]) -> dict[str, list[Qrel]]:
    """The judgements of some files, by query."""
    judged: dict[str, list[Qrel]] = {}
    for one in chain.from_iterable(map(read_qrels, files)):
        judged.setdefault(one.query, []).append(one)
    return judged


def graded(question: Question, qrels: Sequence[Qrel]) -> Question:
    """A question with its judgements; documents with a grade of 1 or more are relevant."""
    ids = (*question.relevance.ids, *(one.document for one in qrels if one.grade > 0))
    judgements = tuple(RelevanceJudgement(one.document, one.grade, one.source) for one in qrels)
    found = replace(question.relevance, ids=tuple(dict.fromkeys(ids)), judgements=judgements)
    return replace(question, relevance=found)
