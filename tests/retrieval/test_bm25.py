import json
import math
from typing import get_args

import pytest
import Stemmer
from bm25s.tokenization import Tokenizer
from cases import each
from pydantic import ValidationError
from retrieval_samples import bytes_in, chunks_of

from modellab.core.errors import InputError
from modellab.core.io.jsonl import read_json
from modellab.retrieval.bm25 import Bm25Options, Language, Stopwords


def searcher(tmp_path, chunks, **options):
    chosen = Bm25Options(kind="bm25", **options)
    chosen.build(chunks, tmp_path, seed=0)
    return chosen.load(tmp_path)


def rows(hits):
    return [hit.row for hit in hits]


def test_scores_by_hand(tmp_path):
    # Lengths 2, 4, 3: mean 3. cat is in 2 of 3 chunks, fish in 1.
    chunks = chunks_of("cat dog", "cat cat bird cow", "fish dog hen")
    found = searcher(tmp_path, chunks, language="none", stopwords="none")
    (hits,) = found.search(["Cat fish"], 5)
    k1, b = 1.5, 0.75
    cat, fish = math.log(1 + 1.5 / 2.5), math.log(1 + 2.5 / 1.5)

    def part(count, length):
        return count / (count + k1 * (1 - b + b * length / 3))

    expected = [(2, fish * part(1, 3)), (1, cat * part(2, 4)), (0, cat * part(1, 2))]
    assert [(hit.row, pytest.approx(hit.score, rel=1e-5)) for hit in hits] == expected
    assert {type(hit.row) for hit in hits} == {int}
    assert {type(hit.score) for hit in hits} == {float}


def test_ties_go_by_the_order_of_chunks(tmp_path):
    found = searcher(tmp_path, chunks_of("x dog", "a cat", "b cat", "c cat", "d cat"))
    assert rows(found.search(["cat"], 3)[0]) == [1, 2, 3]


def test_only_chunks_with_a_known_word_are_hits(tmp_path):
    found = searcher(tmp_path, chunks_of("one cat", "two dogs", "three hens"))
    hits = found.search(["cats", "zebra", "the", "", "?"], 100)
    assert [rows(found) for found in hits] == [[0], [], [], [], []]
    assert found.search([], 5) == []


def test_a_chunk_without_words_is_never_found(tmp_path):
    found = searcher(tmp_path, chunks_of("the", "...", "cat"))
    assert rows(found.search(["the cat"], 5)[0]) == [2]


def test_languages(tmp_path):
    found = searcher(tmp_path, chunks_of("Красивые кошки и дома", "и собака"), language="russian")
    assert [rows(hits) for hits in found.search(["кошкой", "и", "СОБАКУ"], 5)] == [[0], [], [1]]


def test_a_language_without_stopwords(tmp_path):
    found = searcher(tmp_path, chunks_of("the cats"), language="none")
    assert [rows(hits) for hits in found.search(["the", "cat"], 5)] == [[0], []]


def test_languages_are_those_of_the_libraries():
    known = set(Stemmer.algorithms()) - {"porter", "dutch_porter"}
    assert set(get_args(Language)) == {"auto", "none", *known}
    for name in set(get_args(Stopwords)) - {"auto", "none"}:
        assert Tokenizer(stopwords=name).stopwords


def test_same_chunks_same_bytes(tmp_path):
    chunks = chunks_of("some cats and dogs", "more dogs", "a hen")
    for name in ("a", "b"):
        Bm25Options(kind="bm25").build(chunks, tmp_path / name, seed=1)
    assert bytes_in(tmp_path / "a") == bytes_in(tmp_path / "b") != {}
    # A set of words has another order in every process; the text has not.
    vocabulary = bytes_in(tmp_path / "a")["vocab.index.json"].decode()
    assert json.loads(vocabulary) == {"some": 0, "cat": 1, "dog": 2, "more": 3, "hen": 4}


def test_no_words_at_all(tmp_path):
    with pytest.raises(InputError, match="bm25: no chunk holds a word to search for"):
        searcher(tmp_path, chunks_of("the", "?"))


@each("options", [{"k1": -1}, {"b": 1.1}, {"language": "klingon"}, {"top_k": 0}, {"k": 1}])
def test_bad_options(options):
    with pytest.raises(ValidationError):
        Bm25Options(kind="bm25", **options)


TOWNS = {
    "zh": (
        ["洛恩桥建于1931年，全长312米。", "灯塔高41米，猫住在里面。", "成人票价是12欧元。"],
        ["桥有多长？", "灯塔高多少？", "成人票多少钱？", "猫"],
        [0, 1, 2, 1],
    ),
    "ja": (
        ["ローン橋は1931年に完成した。", "灯台の高さは41メートルです。", "大人の料金は12ユーロ。"],
        ["橋はいつ完成しましたか", "灯台は何メートルですか", "料金はいくら"],
        [0, 1, 2],
    ),
    "th": (
        ["สะพานสร้างเมื่อปี 1931", "ประภาคารสูง 41 เมตร", "ค่าโดยสารผู้ใหญ่ 12 ยูโร"],
        ["สะพานสร้างเมื่อใด", "ประภาคารสูงเท่าไร", "ค่าโดยสารเท่าไร"],
        [0, 1, 2],
    ),
}


@pytest.mark.parametrize("segmenter", ["pairs", pytest.param("dictionary", marks=pytest.mark.slow)])
@pytest.mark.parametrize("code", TOWNS)
def test_scripts_without_spaces(tmp_path, code, segmenter):
    texts, questions, wanted = TOWNS[code]
    found = searcher(tmp_path, chunks_of(*texts), segmenter=segmenter).search(questions, 3)
    assert [hits[0].row for hits in found] == wanted
    assert read_json(tmp_path / "language.json") == {"language": code}


def test_the_stemmer_follows_the_corpus(tmp_path):
    german = [
        f"Die Brücken der Stadt Nummer {n} waren im Winter lange geschlossen." for n in range(9)
    ]
    found = searcher(tmp_path, chunks_of(*german, "Ein Haus"))
    assert [len(hits) for hits in found.search(["Brücke", "der", "Häuser"], 20)] == [9, 0, 1]


def test_a_declared_language_takes_precedence_over_the_detected_one(tmp_path):
    options = Bm25Options(kind="bm25")
    chunks = chunks_of("ISPARTA gülleri", "sinir", "sınırlar")
    (tmp_path / "tr").mkdir()
    options.build(chunks, tmp_path / "tr", seed=1, language="tr")
    found = options.load(tmp_path / "tr")
    assert [rows(hits) for hits in found.search(["ısparta", "sınır"], 5)] == [[0], [2]]


def test_a_dictionary_needs_a_language_it_knows(tmp_path):
    with pytest.raises(InputError, match="segmenter: dictionary: there is no dictionary"):
        searcher(tmp_path, chunks_of("the cats"), segmenter="dictionary")
