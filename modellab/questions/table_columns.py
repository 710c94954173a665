"""Recognising the columns of a table: the question, the answer and so on."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, get_args

from modellab.core.errors import InputError
from modellab.core.io.columns import by_plain_name, plain_name

# fmt: off
Field = Literal[
    "id", "question", "answer", "other_answers", "answer_value", "answer_unit", "label", "tags",
    "record", "contexts", "references", "chunks", "urls", "excluded", "unanswerable",
    "history", "images", "inputs", "reference",
]
# fmt: on
FIELDS: tuple[str, ...] = get_args(Field)

#: names of labels, unless there are answers
_WEAK_LABELS = ("labels", "intent")
#: columns that are false for unanswerable questions
ANSWERABLE = ("answerable", "is_answerable", "has_answer", "answerability")
#: usual names by field, the best first: of a field's groups the first with a name in the table is
#: used. A column `answer` beside a `ground_truth` is a system's output (RAGAS), as is `response`.
NAMES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "id": (
        ("id",),
        ("_id", "qid", "question_id", "query_id"),
        ("uid", "unique_id", "task_id", "example_id", "sample_id", "prompt_id", "item_id"),
        ("interaction_id", "custom_id", "record_id", "external_id", "uuid"),
    ),
    "question": (
        ("question",),
        ("query", "user_input", "question_text", "question_stem", "problem", "problem_statement"),
        ("user_question", "user_query", "input_question", "input_query", "utterance"),
        ("instruction",),
        ("input", "prompt", "model_input"),
        ("questions", "frage", "pregunta", "domanda", "pergunta", "vraag", "pytanie", "soru"),
        ("otázka", "fråga", "spørgsmål", "spørsmål", "kysymys", "kérdés", "întrebare"),
        ("问题", "問題", "質問", "질문", "вопрос", "питання", "سؤال"),
        ("anchor", "task_input", "request"),
    ),
    "answer": (
        (
            *("ground_truth", "ground_truths", "ground_truth_answer", "expected"),
            *("expected_output", "expected_answer", "correct_answer", "gold_answer", "ideal"),
            *("golden_answers", "gold", "best_answer", "possible_answers", "reference_output"),
            *("expected_response", "reference_response", "correct_response", "gt_answer"),
            *("ref_answer", "true_answer", "right_answer", "gt", "gt_answers"),
            *("final_answer", "ideal_completion", "ground_truth_answers", "target_output"),
            "ground_truth_response",
        ),
        ("answer", "reference", "reference_answer", "output_answer"),
        ("answers", "answers_spans"),
        ("short_answers", "short_answer", "answer_text"),
        ("long_answer",),
        ("response", "target", "targets", "output", "generation_gt", "completion"),
        ("réponse_attendue", "bonne_réponse", "erwartete_antwort", "richtige_antwort"),
        ("musterlösung", "musterantwort", "referenzantwort", "sollantwort", "lösung"),
        ("respuesta_esperada", "respuesta_correcta", "risposta_attesa", "risposta_corretta"),
        ("resposta_esperada", "resposta_correta", "verwacht_antwoord", "oczekiwana_odpowiedź"),
        ("правильный_ответ", "ожидаемый_ответ", "эталонный_ответ", "правильна_відповідь"),
        ("参考答案", "标准答案", "正确答案", "正解", "模範解答", "정답"),
        ("antwort", "réponse", "reponse", "respuesta", "risposta", "resposta", "antwoord"),
        ("odpowiedź", "odpověď", "cevap", "svar", "vastaus", "válasz", "răspuns"),
        ("答案", "回答", "解答", "답변", "답", "ответ", "відповідь", "إجابة", "جواب"),
        ("expected_facts",),
    ),
    "other_answers": (
        ("other_answers",),
        ("correct_answers",),
        ("answers",),
        ("aliases", "answer_aliases", "alt_ans"),
        ("alternative_answers", "alternative_answer", "acceptable_answers", "accepted_answers"),
        ("answer_alternatives", "alternatives", "additional_answers", "synonyms"),
    ),
    "answer_value": (("answer_value",),),
    "answer_unit": (("answer_unit",),),
    "label": (("label",), ("final_decision", "gold_label", "correct_label"), _WEAK_LABELS),
    "tags": (("tags",),),
    "record": (("record",),),
    "contexts": (
        (
            *("reference_contexts", "reference_context", "ground_truth_documents"),
            *("expected_chunks", "expected_context", "expected_contexts", "gold_passage"),
            *("gold_context", "gold_contexts", "golden_contexts", "ground_truth_context"),
            *("ground_truth_contexts", "oracle_context", "oracle_contexts", "relevant_passages"),
            *("golden_chunk", "golden_chunks", "gold_chunk", "gold_chunks"),
        ),
        ("contexts", "context"),
        ("passage", "support"),
        ("positive", "positives", "pos"),
    ),
    "references": (
        ("references", "ref_id"),
        ("doc_id", "document_id", "doc_ids", "doc_name", "retrieval_gt", "source_file", "gold_ids"),
        (
            *("answer_pids", "corpus_id", "gold_docs", "gold_documents", "gold_doc_ids"),
            "expected_documents",
            *("relevant_docs", "relevant_documents", "relevant_doc_ids", "expected_docs"),
            "relevant_passage_ids",
            *("reference_doc", "reference_documents", "reference_docs"),
        ),
        ("source", "source_document", "source_documents", "document_source"),
        ("file_name", "filename", "quelle"),
        ("document", "dokument"),
    ),
    "chunks": (("relevant_chunks", "relevant_chunk_ids"), ("chunk_id", "chunk_ids")),
    "urls": (
        ("relevant_urls", "reference_url", "reference_urls"),
        ("url", "urls", "source_url", "wiki_links"),
    ),
    "excluded": (("excluded_ids",),),
    "unanswerable": (("unanswerable", "is_impossible", "is_unanswerable"), ANSWERABLE),
    "history": (("history", "chat_history", "conversation_history"),),
    "images": (("images",),),
    "inputs": (("inputs", "given"),),
    "reference": (("truth",),),
}
#: columns that name a group of each question; all of them are used
GROUPS = frozenset(
    {
        *("groups", "category", "topic", "difficulty", "question_type", "type", "level", "split"),
        *("synthesizer_name", "question_source", "domain", "subject"),
    }
)
#: of other names of the right answer, such as `Answer (expected)`: a word of each
_RIGHT = frozenset({"expected", "correct", "gold", "golden", "right", "true", "reference", "ideal"})
_ANSWER = frozenset({"answer", "answers", "response", "result", "reply", "output", "solution"})
#: names of answers that may be a model's
_OUTPUTS = ("response", "output", "completion")
#: columns that name the model
_MODELS = ("generator", "generation_model_name", "model", "model_name", "model_id")
#: the start of columns with reference answers
_REFERENCES = ("reference", "expected", "ground", "gold", "target")
#: names of a text to label
_TEXTS = ("text", "sentence", "claim", "content", "comment", "review", "tweet")
#: fields that may be in a column of objects, as in `{"gold": {"answer": ...}}`
_INSIDE = ("question", "answer", "label", "contexts", "references", "urls")
#: fields of a row that needs no text of a question
_WITHOUT_QUESTION = frozenset({"images", "record"})
#: sources that are the writers of a row, and no documents (Opik, MLflow, QnA Maker)
_WRITERS = frozenset({"sdk", "manual", "trace", "span", "human", "synthetic", "editorial", "none"})
#: names of documents have fewer words, on average
_WORDS = 25
#: fewer rows do not show whether texts come again, and the share of rows of which they do not
FEW, OWN = 5, 0.8
_TRUTHS = frozenset({"answer", "answer_value", "label", "tags", "record", "reference"})


def known_names(columns: Mapping[str, str]) -> frozenset[str]:
    """All recognised names, including those of `columns`."""
    return frozenset(name for lines in NAMES.values() for line in lines for name in line).union(
        columns.values(), GROUPS
    )


def question_names(columns: Mapping[str, str]) -> frozenset[str]:
    """The names of a question, in lower case."""
    own = [columns["question"].casefold()] if "question" in columns else []
    return frozenset(name for line in NAMES["question"] for name in line).union(own)


def recognised(
    where: Path | str,
    there: Sequence[str],
    columns: Mapping[str, str],
    inside: Sequence[str] = (),
) -> dict[str, str]:
    """By field its column: as in `columns`, else by usual names.

    Names are compared in their plain form (see `plain_name`); a field without a column may be a key
    of one (`inside`, as `column.key`). Raises InputError for a missing column of `columns`, for two
    columns that may be the same field, and if there is no question.
    """
    spelling = by_plain_name(there)
    known = {**by_plain_name(inside), **spelling}
    missing = [name for name in columns.values() if name.casefold() not in known]
    if missing:
        raise InputError(
            f"{where}: `columns` names {', '.join(map(repr, missing))}, which the file does not "
            f"have (found: {', '.join(there) or 'none'})"
        )
    found = {field: known[name.casefold()] for field, name in columns.items()}
    for field in FIELDS:
        free = {plain: name for plain, name in spelling.items() if name not in found.values()}
        if field not in found and (name := _named(where, field, free)) is not None:
            found[field] = name
    _look_inside(where, found, inside)
    if (
        not {"question", "answer"} & set(found)
        and "b" not in spelling
        and {"q", "a"} <= set(spelling)
    ):
        found |= {"question": spelling["q"], "answer": spelling["a"]}
    if not (_TRUTHS - {"tags"}) & set(found):
        found |= _right_answer(name for name in there if name not in found.values())
    if "question" not in found and {"label", "tags", "answer"} & set(found):
        text = next((spelling[name] for name in _TEXTS if name in spelling), None)
        found |= {"question": text} if text is not None else {}
    _drop_retrieved(found, columns, spelling)
    _refuse_an_output(where, spelling, found, columns)
    if "question" not in found and not _WITHOUT_QUESTION & set(found):
        raise InputError(_no_question(where, there, found))
    return {field: found[field] for field in FIELDS if field in found}


def _right_answer(free: Iterable[str]) -> dict[str, str]:
    """The only column whose name has words of a right answer."""
    named = [name for name in free if all(_words(name) & one for one in (_RIGHT, _ANSWER))]
    return {"answer": named[0]} if len(named) == 1 else {}


def _words(name: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", plain_name(name)))


def _look_inside(where: Path | str, found: dict[str, str], inside: Sequence[str]) -> None:
    """Fields without a column may be keys of one, as may an answer in an object `gold`."""
    of = {name: name.partition(".")[0] for name in inside}
    asks = found.get("inputs") if "question" not in found else None
    taken = {*found.values()} - {asks}
    for field in _INSIDE:
        own = found.get(field)
        if own is None:
            names = [name for name in inside if of[name] not in taken]
        else:
            names = [name for name in inside if of[name] == own != "reference"]
        # of several with the same key that of a reference
        names = sorted(names, key=lambda name: plain_name(name).startswith(_REFERENCES))
        plain = {plain_name(name.rpartition(".")[2]): name for name in names}
        if (name := _named(where, field, plain)) is not None:
            found[field] = name
        elif names and field == "references" and plain_name(own or "") == "source":
            # who wrote the row, as in data sets of MLflow 3
            del found[field]
    if asks is not None and ("question" in found or asks not in of.values()):
        # not a map of further inputs, but the question as MLflow calls it
        found.setdefault("question", found.pop("inputs"))


def _refuse_an_output(
    where: Path | str, there: Mapping[str, str], found: dict[str, str], columns: Mapping[str, str]
) -> None:
    """An `output` beside a `generator` is a model's, as in AlpacaEval and RAGBench.

    Raises InputError for a `response` beside another answer, as one of the two is a model's.
    """
    name = found.get("answer", "")
    if "answer" in columns or plain_name(name) not in _OUTPUTS:
        return
    if any(model in there for model in _MODELS):
        del found["answer"]
    taken = {*found.values()}
    free = (other for plain, other in there.items() if "answer" in plain and other not in taken)
    if (other := next(free, None)) is not None:
        raise InputError(
            f"{where}: {other!r} and {name!r} may both be the answer; say which: "
            f"`columns: {{answer: {other}}}`"
        )


def settled_labels(
    where: Path | str, found: dict[str, str], columns: Mapping[str, str], cells: Sequence[Any]
) -> dict[str, str]:
    """Lists of texts called labels: classes, as Doccano writes them, or right answers (BERGEN).

    Classes come again in other rows, answers hardly ever. Raises InputError if that is in doubt.
    """
    name = found.get("label")
    lists = [cell for cell in cells if cell not in (None, "", [])]
    if "answer" in found and plain_name(name or "") in _WEAK_LABELS and "label" not in columns:
        return _without(found, "label")
    if {"label", "answer"} & {*columns} or "answer" in found or not all(map(_is_texts, lists)):
        return found
    texts = [{text.strip().casefold() for text in cell} for cell in lists]
    rows = Counter(text for one in texts for text in one)
    alone = sum(all(rows[text] == 1 for text in one) for one in texts)
    if name is None or 2 * alone <= len(lists):
        return found
    if len(lists) < FEW or alone < OWN * len(lists):
        raise InputError(
            f"{where}: {name!r} has lists that may be right answers or classes; say which: "
            f"`columns: {{answer: {name}}}` or `columns: {{label: {name}}}` (`tags` for several "
            "classes of a text)"
        )
    single = all(len(cell) == 1 for cell in lists)
    return {**found, "answer": name} if single else {**_without(found, "label"), "answer": name}


def settled_documents(
    found: dict[str, str], columns: Mapping[str, str], cells: Sequence[Any]
) -> dict[str, str]:
    """A column of documents that holds their texts, as in ARES, has contexts and no names."""
    others = all(str(cell).strip().casefold() in _WRITERS for cell in cells)
    if "references" not in columns and (others or any(isinstance(cell, Mapping) for cell in cells)):
        return _without(found, "references")
    texts = [one for cell in cells for one in (cell if isinstance(cell, list) else [cell])]
    words = [len(text.split()) for text in texts if isinstance(text, str) and text.strip()]
    if "references" in columns or not words or sum(words) < _WORDS * len(words):
        return found
    return {**_without(found, "references"), "contexts": found.get("contexts", found["references"])}


def _is_texts(cell: Any) -> bool:
    return isinstance(cell, list) and all(isinstance(text, str) for text in cell)


def _without(found: Mapping[str, str], field: str) -> dict[str, str]:
    return {key: name for key, name in found.items() if key != field}


def groups(there: Sequence[str], found: Mapping[str, str]) -> tuple[str, ...]:
    """The columns that name a group of each question."""
    taken = set(found.values())
    parts = ((name, *name.rpartition(".")) for name in there if name not in taken)
    return tuple(
        name
        for name, outer, _, inner in parts
        if plain_name(inner) in GROUPS and outer in ("", "metadata", "meta")
    )


def in_words(there: Sequence[str], found: Mapping[str, str], tags: Collection[str]) -> str:
    """The recognised and the unused columns, in a few words."""
    parts = [f"{field} from {name!r}" for field, name in found.items()]
    parts += [f"tags from {', '.join(map(repr, tags))}"] if tags else []
    if "id" not in found:
        parts.append("ids are row numbers")
    used = {*found.values(), *(name.partition(".")[0] for name in found.values()), *tags}
    unused = [name for name in there if name not in used]
    return ", ".join(parts) + (f"; not used: {', '.join(unused)}" if unused else "")


def _named(where: Path | str, field: str, free: Mapping[str, str]) -> str | None:
    for line in NAMES[field]:
        names = [free[name] for name in line if name in free]
        if len(names) > 1:
            raise InputError(
                f"{where}: {' and '.join(map(repr, names))} may both be the {field}; say which: "
                f"`columns: {{{field}: {names[0]}}}`"
            )
        if names:
            return names[0]
    return None


def _drop_retrieved(
    found: dict[str, str], columns: Mapping[str, str], there: Mapping[str, str]
) -> None:
    """Contexts in a row with a system's answer are retrieved ones, unless called references.

    Those of a numbered turn are the turns before it (QReCC, TopiOCQA).
    """
    taken = set(found.values())
    answered = any(there[name] not in taken for name in ("answer", "response") if name in there)
    if "turn_no" in there and "context" in there and not {"history", "contexts"} & {*columns}:
        if found.get("contexts") == there["context"]:
            del found["contexts"]
        found.setdefault("history", there["context"])
    weak = plain_name(found.get("contexts", "")) in NAMES["contexts"][1]
    if not weak or "contexts" in columns:
        return
    if answered:
        del found["contexts"]


def _no_question(where: Path | str, there: Sequence[str], found: Mapping[str, str]) -> str:
    listed = ", ".join(there) or "none"
    missing = ["question", *([] if _TRUTHS & set(found) else ["answer"])]
    wanted = ", ".join(f"{field}: {_like(field, there, found)}" for field in missing)
    return (
        f"{where}: no column for the {' and the '.join(missing)} (found: {listed}); say which they "
        f"are: `columns: {{{wanted}}}`; the first row of a table names its columns (without one, "
        "number them: `columns: {question: '1', answer: '2'}`)"
    )


def _like(field: str, there: Sequence[str], found: Mapping[str, str]) -> str:
    """A column whose name is nearly one of the field's, or contains it; else dots."""
    free = {name.casefold(): name for name in there if name not in found.values()}
    for known in (name for line in NAMES[field] for name in line):
        for near in get_close_matches(known, free, n=1, cutoff=0.8):
            return free[near]
    containing = next((name for plain, name in free.items() if field in plain), None)
    return "..." if containing is None else f'"{containing}"'
