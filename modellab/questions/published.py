"""Formats whose rows need no options to be read: published data sets, and files of tools.

Each is a function from one of its rows to rows with usual columns (`modellab.questions.data_sets`,
`retrieval_sets` and `tool_rows` beside it), and an entry of `FORMATS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from modellab.core.io.table_file import Row, TableFile
from modellab.questions import data_sets, retrieval_sets, tool_rows
from modellab.questions.protocol import QuestionsRead
from modellab.questions.row_format import RowFormat


def _has(*keys: str) -> Callable[[Row], bool]:
    return lambda row: set(keys) <= set(row)


@dataclass(frozen=True)
class Published:
    """A format of rows.

    Attributes:
        rows: What a row is turned into, from its place and itself.
        fits: Whether a row is one of this format.
        keys: Names that its rows have and other tables do not.
        task: The kind of task that it is for; None: the references decide.
        fields: The fields of its references.
    """

    rows: Callable[[str, Row], Iterator[Row]]
    fits: Callable[[Row], bool]
    keys: tuple[str, ...] = ()
    task: str | None = None
    fields: tuple[str, ...] = ("answer",)


#: the formats that a table is recognised as; first those with the most telling keys
FORMATS: Mapping[str, Published] = {
    "llama_index": Published(
        tool_rows.llama_index,
        _has("queries", "corpus", "relevant_docs"),
        ("relevant_docs",),
        "retrieval",
        (),
    ),
    "dpr": Published(retrieval_sets.dpr, retrieval_sets.is_dpr),
    "hotpotqa": Published(
        data_sets.hotpotqa, _has("question", "supporting_facts", "context"), ("supporting_facts",)
    ),
    "musique": Published(data_sets.musique, _has("question", "paragraphs", "answer")),
    "ms_marco": Published(data_sets.ms_marco, _has("query", "answers", "passages"), ("query",)),
    "trivia_qa": Published(data_sets.trivia_qa, data_sets.is_trivia_qa),
    "finance_bench": Published(
        data_sets.finance_bench, _has("financebench_id", "question", "evidence")
    ),
    "natural_questions": Published(
        data_sets.natural_questions, _has("question_text", "annotations"), ("question_text",)
    ),
    "qasper": Published(data_sets.qasper, _has("qas", "full_text"), ("qas",)),
    "narrative_qa": Published(
        data_sets.narrative_qa,
        lambda row: "answers" in row and isinstance(row.get("document"), dict),
    ),
    "coqa": Published(data_sets.coqa, _has("story", "questions", "answers"), ("story",)),
    "drop": Published(data_sets.drop, _has("passage", "qa_pairs"), ("qa_pairs",)),
    "newsqa": Published(data_sets.newsqa, _has("storyId", "text", "questions"), ("storyId",)),
    "eli5": Published(data_sets.eli5, _has("q_id", "title", "answers"), ("q_id",)),
    "kilt": Published(retrieval_sets.kilt, retrieval_sets.is_kilt, ("input",)),
    "fever": Published(
        retrieval_sets.fever,
        lambda row: "claim" in row and isinstance(row.get("evidence"), list),
        ("claim",),
        "label",
        ("label",),
    ),
    "scifact": Published(
        retrieval_sets.scifact,
        _has("claim", "evidence", "cited_doc_ids"),
        ("claim",),
        "label",
        ("label",),
    ),
    "rgb": Published(retrieval_sets.rgb, _has("query", "answer", "positive", "negative")),
    "multihop_rag": Published(
        retrieval_sets.multihop_rag, _has("query", "answer", "evidence_list")
    ),
    "bright": Published(
        retrieval_sets.bright, _has("query", "gold_ids", "excluded_ids"), (), "retrieval", ()
    ),
    "nli": Published(
        data_sets.nli,
        data_sets.is_nli,
        ("premise", "hypothesis", "sentence1", "sentence2"),
        "label",
        ("label",),
    ),
    "gsm8k": Published(data_sets.gsm8k, data_sets.is_gsm8k),
    "math": Published(data_sets.math, data_sets.is_math),
    "alpaca": Published(tool_rows.alpaca, tool_rows.is_alpaca, ("input",)),
    "deepeval": Published(
        tool_rows.deepeval,
        lambda row: isinstance(row.get("input"), str) and "expected_output" in row,
        ("input",),
    ),
    "bedrock": Published(tool_rows.bedrock, _has("conversationTurns"), ("conversationturns",)),
    "messages": Published(
        tool_rows.messages,
        lambda row: tool_rows.conversation(row) is not None,
        ("messages", "conversations", "conversation", "body"),
    ),
    "turns": Published(
        tool_rows.turns, lambda row: isinstance(row.get("turns"), list), ("question_id",)
    ),
    "prodigy": Published(
        tool_rows.prodigy, tool_rows.is_prodigy, ("text",), "label", ("label", "tags")
    ),
    "model_lab": Published(tool_rows.model_lab, lambda _row: False),
}

if TYPE_CHECKING:
    Kind = str
else:
    Kind = Literal[tuple(FORMATS)]


class PublishedFormat(RowFormat):
    """Rows of a published data set or of a tool."""

    kind: Kind = Field(
        description="As published, or on the hub: HotpotQA and 2WikiMultihopQA, MuSiQue, MS MARCO "
        "2.1, TriviaQA, FinanceBench, Natural Questions (open or simplified), QASPER, NarrativeQA, "
        "CoQA, DROP, NewsQA, ELI5, KILT, FEVER, SciFact, RGB, MultiHop-RAG, BRIGHT, GSM8K, MATH, "
        "pairs of premise and hypothesis (SNLI, MultiNLI, ...), training data of DPR; files of "
        "tools: instructions like Alpaca's, goldens of DeepEval, evaluations of Amazon Bedrock, "
        "conversations (`messages`), prompts of MT-Bench (`turns`), Prodigy, retrieval sets of "
        "LlamaIndex; question sets with a `ground_truth_answer` and its chunk."
    )

    @property
    def _format(self) -> Published:
        return FORMATS[self.kind]

    def reference_fields(self) -> frozenset[str]:
        return frozenset(self._format.fields)

    def signature(self) -> frozenset[str]:
        return frozenset(self._format.keys)

    def adapted(self, place: str, row: Row) -> Iterator[tuple[str, Row]]:
        for one in self._format.rows(place, row):
            yield place, one

    def questions(self, path: Path, file: TableFile) -> QuestionsRead:
        return replace(super().questions(path, file), task=self._format.task)
