import sys
from types import SimpleNamespace

import pytest
import torch
from retrieval_samples import ask, context_of

from modellab.core.errors import InputError
from modellab.retrieval.protocol import RetrievalInput
from modellab.retrieval.rerank import RerankOptions


class ByLength:
    """Replaces CrossEncoder: the longer the passage, the better."""

    def __init__(self, name, revision=None, local_files_only=False):
        if name == "absent":
            raise OSError("not there\nat all")

    def predict(self, pairs, **options):
        assert options["batch_size"] == 32
        return [len(passage) for _, passage in pairs]


def rerank(contexts, questions, **more):
    options = RerankOptions(kind="rerank", of="bm25", **more)
    return options.retrieve(RetrievalInput("best", questions, [], contexts={"bm25": contexts}))


@pytest.fixture
def library(monkeypatch):
    monkeypatch.setitem(
        sys.modules, "sentence_transformers", SimpleNamespace(CrossEncoder=ByLength)
    )


def test_the_best_come_first_whatever_was_shown(library):
    given = context_of("q", "a", "ccc", "bbb", "dddd")
    (found,) = rerank([given], [ask("q")], model="m", top_k=2, extra_k=1)
    ranked = [(p.document_id, p.rank, p.score) for p in found.passages]
    # equal scores stay in the order of the first retriever
    assert ranked == [("dddd", 1, 10.0), ("ccc", 2, 9.0), ("bbb", 3, 9.0)]
    assert (found.retriever, found.shown) == ("best", 2)


def test_each_question_keeps_its_own_passages(library):
    given = [context_of("q1", "a", "bb"), context_of("q2"), context_of("q3", "ccc")]
    found = rerank(given, [ask("q1"), ask("q2"), ask("q3")], model="m")
    ranked = [[passage.document_id for passage in context.passages] for context in found]
    assert ranked == [["bb", "a"], [], ["ccc"]]


def test_nothing_to_sort_needs_no_model():
    (found,) = rerank([context_of("q")], [ask("q")], model="absent")
    assert found.passages == ()


def test_a_model_that_cannot_be_loaded(library):
    with pytest.raises(InputError, match=r"'absent' cannot be loaded; .*\(not there at all\)"):
        rerank([context_of("q", "a")], [ask("q")], model="absent")


def test_a_missing_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(InputError, match=r"pip install -e '\.\[sentence-transformers\]'"):
        rerank([context_of("q", "a")], [ask("q")])


def test_a_real_cross_encoder(tmp_path):
    """Random weights: scores mean nothing, but they are those that the model itself gives."""
    from sentence_transformers import CrossEncoder
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "about", "a", "b", "c", "what"]
    words = Tokenizer(models.WordLevel({name: n for n, name in enumerate(names)}, "[UNK]"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    words.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token="[PAD]", unk_token="[UNK]", model_max_length=32
    ).save_pretrained(tmp_path)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(names), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=32, num_labels=1,
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(tmp_path)
    given = context_of("q", "a", "b", "c")
    (found,) = rerank([given], [ask("q", "what")], model=str(tmp_path))
    pairs = [("what", passage.text) for passage in given.passages]
    by_hand = CrossEncoder(str(tmp_path)).predict(pairs, show_progress_bar=False)
    assert [p.score for p in found.passages] == pytest.approx(sorted(map(float, by_hand))[::-1])
    assert sorted(p.document_id for p in found.passages) == ["a", "b", "c"]
