"""Free-text scores on hand-computed cases, and what must hold for all texts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modellab.core.records import Prediction, Question, Status
from modellab.core.text.words import words
from modellab.tasks import parse_scorer, parse_task
from modellab.tasks.open_qa import overlap
from modellab.tasks.scorer import Material

RUSSIAN = "Справка об обучении оформляется через деканат."
MARKS = ("exact_match", "token_f1", "rouge2", "rougeL", "bleu", "chrf")


def question(name, answers):
    first, *others = [answers] if isinstance(answers, str) else answers
    truth = {"answer": first}
    return Question(name, f"What is {name}?", {}, truth, (), other_answers=tuple(others))


def prediction(name, text, status=Status.ANSWERED):
    answer = {"answer": text} if status in (Status.ANSWERED, Status.ABSTAINED) else {}
    return Prediction(name, "none", 1, status, answer, text, "k")


def scored(pairs, **options):
    questions = [question(f"q{n}", reference) for n, (reference, _) in enumerate(pairs)]
    rows = [
        said if isinstance(said, Prediction) else prediction(f"q{n}", said)
        for n, (_, said) in enumerate(pairs)
    ]
    material = Material(questions, rows, ("the cat sat on a mat", RUSSIAN))
    scorer = parse_scorer({"kind": "texts", **options}).make(parse_task("open_qa"), material)
    by_id = {q.id: q for q in questions}
    marked = [scorer.score(by_id[row.question_id], row) for row in rows]
    return marked, scorer.summarize(by_id, marked), scorer


def test_two_equal_russian_sentences_score_one():
    [row], summary, _ = scored([(RUSSIAN, RUSSIAN)], embedder={"kind": "tfidf-svd"})
    assert row.marks == dict.fromkeys([*MARKS, "semantic_similarity"], pytest.approx(1.0))
    assert {metric.value for metric in summary.values()} == {1.0}


def test_answers_that_share_only_a_number_do_not():
    [row], _, _ = scored([("Кофе стоит 5 рублей", "Поезд в 5 часов вечера")])
    assert 0 < row.marks["token_f1"] < 0.3


def test_marks_by_hand():
    # shared words: cat, on, mat; 4 words in the answer, 6 in the reference
    reference, answer = "the cat sat on the mat", "cat lay on mat"
    assert overlap.token_f1(reference, answer) == pytest.approx(2 * 3 / 10)
    found = overlap.rouge(reference, answer)
    assert found["rouge2"] == 0.0  # no pair of words is in both
    assert found["rougeL"] == pytest.approx(2 * 3 / 10)  # cat, on, mat
    assert overlap.token_f1("a a b", "a c") == pytest.approx(2 * 1 / 5)
    assert overlap.exact_match("At 10.5 kg!", "at 10.5  KG") == 1.0
    assert overlap.exact_match("10.5", "10 5") == 0.0


def test_the_whole_reference_counts():
    reference = " ".join(f"word{n}" for n in range(1000))
    half = " ".join(f"word{n}" for n in range(500))
    assert overlap.token_f1(reference, half) == pytest.approx(2 * 500 / 1500)
    assert overlap.rouge(reference, half)["rougeL"] == pytest.approx(2 * 500 / 1500)


def test_of_an_endless_answer_the_beginning_is_compared_and_a_warning_names_it(caplog):
    word = "ten "
    answer = word * (2 * overlap.LONGEST // len(word))
    beginning = answer[: overlap.LONGEST]
    [whole, cut, other], summary, _ = scored(
        [("ten past four", answer), ("ten past four", beginning), (answer, beginning)]
    )
    assert whole.marks == cut.marks
    assert whole.marks["token_f1"] == pytest.approx(2 * 1 / (3 + overlap.LONGEST / len(word)))
    # what is not read is not taken to be equal
    assert other.marks["exact_match"] == 0.0
    assert other.marks["token_f1"] == 1.0
    [record] = caplog.records
    assert "'q0'" in record.getMessage()
    assert f"{2 * overlap.LONGEST} characters" in record.getMessage()
    assert 0 < summary["bleu_corpus"].value < 1


def test_what_is_no_answer_counts_zero_and_stays_apart():
    rows, summary, _ = scored(
        [
            ("ten past four", "ten past four"),
            ("ten past four", prediction("q1", "The documents do not say.", Status.ABSTAINED)),
            ("ten past four", prediction("q2", "", Status.UNPARSED)),
            ("ten past four", prediction("q3", None, Status.FAILED)),
        ]
    )
    assert [row.marks["token_f1"] for row in rows] == [1.0, 0.0, 0.0, 0.0]
    assert summary["token_f1"].value == pytest.approx(1 / 4)
    assert (summary["token_f1"].n_scored, summary["token_f1"].n_failed) == (4, 2)
    assert summary["overall"] == summary["token_f1"]


def test_corpus_scores_are_no_means_of_sentence_scores():
    pairs = [("a b c d e f g h", "a b c d e f g h"), ("x y z w", "x q r s")]
    _, summary, _ = scored(pairs)
    assert summary["bleu"].value != pytest.approx(summary["bleu_corpus"].value)
    # 8+1 of 12 words, 7 of 10 pairs, 6 of 8 triples, 5 of 6 quadruples; lengths are equal
    expected = (9 / 12 * 7 / 10 * 6 / 8 * 5 / 6) ** 0.25
    assert summary["bleu_corpus"].value == pytest.approx(expected)


BRIDGE = [
    (("March 1931", "in March 1931", "1931"), "1931"),
    (("the engineer Ada M. Brandt", "Ada M. Brandt", "Brandt"), "Ada M. Brandt."),
    (("1,312 metres", "1,312"), "1312 metres"),
    (("the U.S.", "U.S."), "US"),
]


@pytest.mark.parametrize("normalise", ["plain", "squad"])
def test_any_right_answer_is_right(normalise):
    rows, summary, _ = scored(BRIDGE, overall="exact_match", normalise=normalise)
    assert [row.marks["exact_match"] for row in rows] == [1.0] * 4
    assert summary["token_f1"].value == summary["rougeL"].value == summary["overall"].value == 1.0
    first_only = [(answers[0], said) for answers, said in BRIDGE]
    _, alone, _ = scored(first_only, overall="exact_match", normalise=normalise)
    # SQuAD leaves out the article of "the U.S."
    assert alone["exact_match"].value == {"plain": 1 / 4, "squad": 2 / 4}[normalise]


def test_each_mark_is_its_greatest_over_the_right_answers():
    # words: 2 of 2 and 4 of the first, 2 of 3 and 4 of the second; order: only the second has it
    answers, said = ("one two", "x two y one"), "two y one z"
    [row], _, _ = scored([(answers, said)])
    assert row.marks["token_f1"] == pytest.approx(max(2 * 2 / 6, 2 * 3 / 8))
    both = [scored([(answer, said)])[0][0].marks for answer in answers]
    assert row.marks == {name: max(marks[name] for marks in both) for name in MARKS}
    assert both[0] != both[1]
    [other], _, _ = scored([(answers[::-1], said)])
    assert other.marks == row.marks


def test_similarity_is_to_the_nearest_right_answer():
    pair = (("zebra stripes", "the cat sat"), "the cat sat down")
    [row], _, scorer = scored([pair], embedder={"kind": "tfidf-svd"})
    assert len(scorer.cosines) == 2
    assert row.marks["semantic_similarity"] == max(scorer.cosines.values()) > 0.5


def test_corpus_scores_with_several_references_are_those_of_sacrebleu():
    pairs = [(("a b c d e", "v w x y z"), "v w x y q"), ("k l m n o p", "k l m n o q")]
    _, summary, _ = scored(pairs)
    # 4+5 of 11 words, 3+4 of 9 pairs, 2+3 of 7 triples, 1+2 of 5 quadruples; lengths are equal
    expected = (9 / 11 * 7 / 9 * 5 / 7 * 3 / 5) ** 0.25
    assert summary["bleu_corpus"].value == pytest.approx(expected)
    best = scored([("v w x y z", "v w x y q"), pairs[1]])[1]
    assert summary["chrf_corpus"].value == pytest.approx(best["chrf_corpus"].value)


def test_a_threshold_says_what_is_right():
    _, summary, scorer = scored([("a b", "a b"), ("a b", "c d")], correct_from=0.5)
    assert scorer.correct == "correct"
    assert summary["accuracy"].value == 0.5
    assert parse_scorer("texts").make(parse_task("open_qa"), Material((), ())).correct is None


def test_similarity_learns_from_the_corpus_not_from_answers():
    pairs = [("the cat sat", "a cat sat"), ("the mat", "zzz unknown")]
    rows, summary, scorer = scored(
        pairs, embedder={"kind": "tfidf-svd"}, overall="semantic_similarity"
    )
    similarity = [row.marks["semantic_similarity"] for row in rows]
    assert similarity[0] > 0.3 > similarity[1] == 0.0
    assert summary["overall"].value == pytest.approx(sum(similarity) / 2)
    alone, _, _ = scored(pairs[:1], embedder={"kind": "tfidf-svd"})
    assert set(scorer.cosines) == {("the cat sat", "a cat sat"), ("the mat", "zzz unknown")}
    assert alone[0].marks.keys() == rows[0].marks.keys()


def test_similarity_needs_an_embedder():
    with pytest.raises(ValueError, match="needs an `embedder`"):
        parse_scorer({"kind": "texts", "overall": "semantic_similarity"})


TEXT = st.text(st.sampled_from("ab сд5.,-é\u0301 日"), min_size=1, max_size=30).filter(words)


@settings(max_examples=60, deadline=None)
@given(TEXT, TEXT)
def test_bounds_and_identity(reference, answer):
    marks = {
        "exact_match": overlap.exact_match(reference, answer),
        "token_f1": overlap.token_f1(reference, answer),
        **overlap.rouge(reference, answer),
        "bleu": overlap.sentence_bleu(reference, answer),
        "chrf": overlap.sentence_chrf(reference, answer),
    }
    assert all(0.0 <= value <= 1.0 for value in marks.values())
    assert overlap.token_f1(reference, reference) == 1.0
    assert set(overlap.rouge(reference, reference).values()) == {1.0}
    assert overlap.sentence_bleu(reference, reference) == pytest.approx(1.0)
    assert overlap.sentence_chrf(reference, reference) == pytest.approx(1.0)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_summaries_do_not_depend_on_the_order(pairs, random):
    mixed = random.sample(pairs, len(pairs))
    one, other = scored(pairs)[1], scored(mixed)[1]
    assert {n: m.value for n, m in one.items()} == pytest.approx(
        {n: m.value for n, m in other.items()}
    )


class TestUnanswerable:
    """As SQuAD 2.0 scores: any abstention is right, and nothing else."""

    def mean(self, *predictions, overall="token_f1"):
        options = {"kind": "texts", "overall": overall, "correct_from": 1.0}
        scorer = parse_scorer(options).make(parse_task("open_qa"), Material((), ()))
        asked = {
            "a1": Question("a1", "?", {}, {"answer": "March 1931"}, ()),
            "a2": Question("a2", "?", {}, {"answer": "312 metres"}, ()),
            **{
                name: Question(
                    *(name, "?", {}, {"answer": "The documents do not say."}, ()),
                    unanswerable=True,
                )
                for name in ("u1", "u2", "u3")
            },
        }
        rows = [scorer.score(asked[one.question_id], one) for one in predictions]
        return scorer.summarize(asked, rows)

    def said(self, name, text, status=Status.ANSWERED):
        return Prediction(name, "bm25", 1, status, {"answer": text}, None, "k")

    def silent(self, *names):
        return [self.said(name, "No idea.", Status.ABSTAINED) for name in names]

    def test_a_perfect_system(self):
        answers = [self.said("a1", "March 1931"), self.said("a2", "312 metres")]
        found = self.mean(*answers, *self.silent("u1", "u2", "u3"))
        for name in ("exact_match", "token_f1", "bleu", "chrf", "accuracy", "overall"):
            assert (found[name].value, found[name].n_scored) == (1.0, 5)
        # whole-text measures are of the two answers that have a text to be compared with
        assert (found["bleu_corpus"].value, found["bleu_corpus"].n_scored) == (1.0, 2)

    def test_an_inventing_system(self):
        answers = [self.said("a1", "March 1931"), self.said("a2", "312 metres")]
        invented = [self.said(n, "The documents do not say much.") for n in ("u1", "u2", "u3")]
        found = self.mean(*answers, *invented)
        assert found["overall"].value == pytest.approx(2 / 5)
        assert found["exact_match"].value == pytest.approx(2 / 5)

    def test_silence_where_there_is_an_answer(self):
        found = self.mean(*self.silent("a1", "a2", "u1"))
        assert found["overall"].value == pytest.approx(1 / 3)

    def test_only_unanswerable_questions_have_no_whole_text_measure(self):
        found = self.mean(*self.silent("u1", "u2"))
        assert (found["chrf_corpus"].value, found["chrf_corpus"].n_scored) == (None, 0)
        assert found["overall"].value == 1.0


WORDS = st.lists(st.sampled_from(["a", "b", "c", "d", "3.5"]), max_size=12)


@given(reference=WORDS, answer=WORDS)
def test_rouge_is_that_of_rouge_score(reference, answer):
    from rouge_score.rouge_scorer import RougeScorer

    class Split:
        def tokenize(self, text):
            return text.split()

    scorer = RougeScorer(["rouge2", "rougeL"], tokenizer=Split())
    expected = scorer.score(" ".join(reference), " ".join(answer))
    if reference != answer:
        found = overlap.rouge(" ".join(reference), " ".join(answer))
        assert found == pytest.approx({name: one.fmeasure for name, one in expected.items()})


def test_an_answer_of_megabytes_is_scored():
    answer = "Meena needed 232 MWh " * 50_000
    found = overlap.rouge("232 MWh for Meena " * 20, answer)
    # all words in order but the 20 "for"
    assert found["rougeL"] == pytest.approx(2 * 60 / (80 + 200_000))
    assert overlap.longest_common_subsequence("abcbdab", "bdcaba" * 30_000) == 7
