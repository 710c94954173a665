"""Formats whose rows need no options to be read: published data sets, and files of tools.

Each is a function from one of its rows to rows with usual columns (`data_sets`,
`claims`, `conversations` and `tool_formats` in this folder), and an entry of `FORMATS`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from modellab.core.io.table_file import Row, TableFile
from modellab.questions import claims, conversations, passages
from modellab.questions import data_sets as answers
from modellab.questions import tool_formats as tools
from modellab.questions.protocol import QuestionsRead, RowFormat


@dataclass(frozen=True)
class Published:
    """A format of rows.

    Attributes:
        rows: What a row is turned into, from its place and itself.
        keys: The keys that all of its rows have.
        also: What else is true of its rows.
        task: The kind of task that it is for; None: the references decide.
        fields: The fields of its references.
        names: Keys that rows may have, and other tables do not.
    """

    rows: Callable[[str, Row], Iterator[Row]]
    keys: tuple[str, ...] = ()
    also: Callable[[Row], bool] = lambda _: True
    task: str | None = None
    fields: tuple[str, ...] = ("answer",)
    names: tuple[str, ...] = ()

    def fits(self, row: Row) -> bool:
        """Whether a row is one of this format."""
        return set(self.keys) <= set(row) and self.also(row)


def _labelled(
    rows: Callable[[str, Row], Iterator[Row]],
    *keys: str,
    also: Callable[[Row], bool] = lambda _: True,
    fields: tuple[str, ...] = ("label",),
    names: tuple[str, ...] = (),
) -> Published:
    return Published(rows, keys, also, "label", fields, names)


def _has(name: str, kind: type) -> Callable[[Row], bool]:
    return lambda row: isinstance(row.get(name), kind)


#: the formats that a table is recognised as; first those with the most specific keys
FORMATS: Mapping[str, Published] = {
    "llama_index": Published(
        tools.llama_index, ("queries", "corpus", "relevant_docs"), task="retrieval", fields=()
    ),
    "dpr": Published(passages.dpr, also=passages.is_dpr),
    "hotpotqa": Published(answers.hotpotqa, ("question", "supporting_facts", "context")),
    "musique": Published(answers.musique, ("question", "paragraphs", "answer")),
    "ms_marco": Published(answers.ms_marco, ("query", "answers", "passages")),
    "trivia_qa": Published(answers.trivia_qa, also=answers.is_trivia_qa),
    "finance_bench": Published(answers.finance_bench, ("financebench_id", "question", "evidence")),
    "natural_questions": Published(answers.natural_questions, ("question_text", "annotations")),
    "qasper": Published(answers.qasper, ("qas", "full_text")),
    "narrative_qa": Published(
        answers.narrative_qa, ("answers", "document"), _has("document", dict)
    ),
    "coqa": Published(conversations.coqa, ("story", "questions", "answers")),
    "quac": Published(conversations.quac, ("questions", "orig_answers", "turn_ids")),
    "bioasq": Published(answers.bioasq, ("body", "type", "documents")),
    "drop": Published(answers.drop, ("passage", "qa_pairs")),
    "tat_qa": Published(answers.tat_qa, ("table", "paragraphs", "questions")),
    "newsqa": Published(answers.newsqa, ("storyId", "text", "questions")),
    "eli5": Published(answers.eli5, ("q_id", "title", "answers")),
    "kilt": Published(passages.kilt, ("input", "output"), passages.is_kilt),
    "fever": _labelled(claims.fever, "claim", "evidence", also=_has("evidence", list)),
    "scifact": _labelled(claims.scifact, "claim", "evidence", "cited_doc_ids"),
    "rgb": Published(passages.rgb, ("query", "answer", "positive", "negative")),
    "multihop_rag": Published(passages.multihop_rag, ("query", "answer", "evidence_list")),
    "bright": Published(
        passages.bright, ("query", "gold_ids", "excluded_ids"), task="retrieval", fields=()
    ),
    "ambiguous": Published(
        passages.ambiguous,
        ("annotations",),
        passages.is_ambiguous,
        names=("ambiguous_question",),
    ),
    "qampari": Published(passages.qampari, ("question_text", "answer_list")),
    "legalbench_rag": Published(
        passages.legalbench_rag, ("query", "snippets"), passages.is_legalbench_rag, fields=()
    ),
    "hagrid": Published(passages.hagrid, ("query", "quotes", "answers")),
    "ares": Published(passages.ares, also=passages.is_ares),
    "cast": Published(passages.cast, ("number", "turn"), passages.is_cast, fields=()),
    "nli": _labelled(
        claims.nli,
        also=claims.is_nli,
        names=("premise", "hypothesis", "sentence1", "sentence2"),
    ),
    "gsm8k": Published(answers.gsm8k, ("answer",), answers.is_gsm8k),
    "math": Published(answers.math, ("problem", "solution"), answers.is_math),
    "alpaca": Published(tools.alpaca, ("instruction",), tools.is_alpaca),
    "deepeval": Published(tools.deepeval, ("input", "expected_output"), tools.is_deepeval),
    "databricks": Published(tools.databricks, ("request", "expected_retrieved_context")),
    "bedrock": Published(tools.bedrock, ("conversationTurns",)),
    "messages": Published(
        tools.messages, also=lambda row: tools.conversation(row) is not None, names=tools.MESSAGES
    ),
    "turns": Published(tools.turns, ("turns",), _has("turns", list), names=("question_id",)),
    "prodigy": _labelled(
        tools.prodigy, "text", "answer", also=tools.is_prodigy, fields=("label", "tags")
    ),
    "model_lab": Published(tools.model_lab, also=lambda _row: False),
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
        "CoQA, QuAC, BioASQ, DROP, TAT-QA, NewsQA, ELI5, KILT, FEVER, SciFact, RGB, "
        "MultiHop-RAG, BRIGHT, ASQA and AmbigQA (`ambiguous`), QAMPARI, LegalBench-RAG, HAGRID, "
        "ARES, topics of TREC CAsT, GSM8K, MATH, "
        "pairs of premise and hypothesis (SNLI, MultiNLI, ...), training data of DPR; files of "
        "tools: instructions like Alpaca's, goldens of DeepEval, evaluations of Amazon Bedrock "
        "and Databricks, "
        "conversations (`messages`), prompts of MT-Bench (`turns`), Prodigy, retrieval sets of "
        "LlamaIndex; question sets with a `ground_truth_answer` and its chunk."
    )

    @property
    def _format(self) -> Published:
        return FORMATS[self.kind]

    def reference_fields(self) -> frozenset[str]:
        return frozenset(self._format.fields)

    def signature(self) -> frozenset[str]:
        return frozenset((*self._format.keys, *self._format.names))

    def adapted(self, place: str, row: Row) -> Iterator[tuple[str, Row]]:
        for one in self._format.rows(place, row):
            yield place, one

    def questions(self, path: Path, file: TableFile) -> QuestionsRead:
        return replace(super().questions(path, file), task=self._format.task)
