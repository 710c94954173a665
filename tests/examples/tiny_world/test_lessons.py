import re
from dataclasses import replace
from random import Random

import pytest
from tiny_world import lexicon
from tiny_world.facts import HELD_OUT_VOICE, KNOWN_VOICE
from tiny_world.lessons import Level, lesson
from tiny_world.loose import loose_question, loose_statement
from tiny_world.names import is_held_out

LEVEL = Level(notes=5, facts=2, questions=6)


def lessons(count, **options):
    random = Random(4)
    return [lesson(random, LEVEL, **options) for _ in range(count)]


def test_a_question_has_one_answer_among_the_notes():
    for one in lessons(200):
        facts = [fact for note in one.notes for fact in note.facts]
        keys = [(fact.entity, fact.attribute.key) for fact in facts]
        assert len(set(keys)) == len(keys)
        for asked in one.asked:
            if asked.fact:
                [source] = [note for note in one.notes if asked.fact in note.facts]
                assert f" {asked.fact.value}" in source.text
                assert asked.fact.entity in asked.text


def test_an_unanswerable_question_asks_for_a_fact_of_no_note():
    blank = 0
    for one in lessons(200):
        stated = {(fact.entity, fact.attribute.key) for note in one.notes for fact in note.facts}
        for asked in (asked for asked in one.asked if asked.fact is None):
            blank += 1
            assert not [
                key
                for entity, key in stated
                if entity in asked.text.split() and key == asked.attribute.key
            ]
    assert 200 * 6 * 0.17 < blank < 200 * 6 * 0.27


def test_the_thing_and_the_attribute_are_before_the_value():
    for phrase in (*lexicon.STATEMENTS_TRAIN, *lexicon.STATEMENTS_HELD_OUT):
        assert phrase.index("{v}") > max(phrase.index("{e}"), phrase.index("{n}"))


@pytest.mark.parametrize(
    ("train", "new"),
    [
        (lexicon.OPENINGS_TRAIN, lexicon.OPENINGS_HELD_OUT),
        (lexicon.STATEMENTS_TRAIN, lexicon.STATEMENTS_HELD_OUT),
        (lexicon.QUESTIONS_TRAIN, lexicon.QUESTIONS_HELD_OUT),
    ],
)
def test_no_held_out_phrasing_is_one_of_lessons(train, new):
    assert not {phrase.lower() for phrase in train} & {phrase.lower() for phrase in new}


def words(text):
    return set(re.findall(r"[a-z]+", re.sub(r"{\w}", " ", text).lower()))


def test_no_word_with_a_meaning_that_only_held_out_phrasings_have_is_a_filler():
    held_out = (
        *lexicon.OPENINGS_HELD_OUT,
        *lexicon.STATEMENTS_HELD_OUT,
        *lexicon.QUESTIONS_HELD_OUT,
    )
    train = (*lexicon.OPENINGS_TRAIN, *lexicon.STATEMENTS_TRAIN, *lexicon.QUESTIONS_TRAIN)
    only = words(" ".join(held_out)) - words(" ".join(train))
    assert {"study", "published", "remember"} <= only
    assert only & {*lexicon.FILLERS} == {"about", "from", "or"}


def test_a_loose_phrasing_holds_what_matters_among_other_words():
    random = Random(5)
    statements = [loose_statement(random) for _ in range(300)]
    questions = [loose_question(random) for _ in range(300)]
    assert all(one.count("{e}") == one.count("{n}") == 1 for one in statements + questions)
    assert all(one.endswith(" {v}") for one in statements)
    assert all(one[-1] in "?." for one in questions)
    assert len({*statements}) == len({*questions}) == 300
    first = sum(one.index("{e}") < one.index("{n}") for one in statements + questions)
    assert 250 < first < 350


def test_a_voice_has_its_shares_of_loose_and_of_filled_sentences():
    random, plain = Random(6), 0
    [attribute, *_] = lexicon.ATTRIBUTES
    voice = replace(KNOWN_VOICE, loose_share=0.4, filler_share=0.2)
    for _ in range(500):
        asked = voice.ask(random, "Quilnis", attribute)
        kinds = [q.format(e="Quilnis", n=n) for q in KNOWN_VOICE.questions for n in attribute.names]
        plain += asked in kinds
    assert 0.3 * 500 < plain < 0.5 * 500


def test_a_voice_may_keep_to_one_name_of_an_attribute():
    random, kept = Random(7), 0
    [attribute, *_] = lexicon.ATTRIBUTES
    voice = replace(KNOWN_VOICE, alike_share=0.5, wording=2)
    for _ in range(300):
        kept += attribute.names[2] in voice.ask(random, "Quilnis", attribute)
    # half of them, and a third of the other half
    assert 0.6 * 300 < kept < 0.75 * 300


def test_some_things_are_named_alike():
    alike = 0
    for one in lessons(200):
        names = {fact.entity for note in one.notes for fact in note.facts}
        alike += len({name[:3] for name in names}) < len(names)
    assert alike > 40


def test_lessons_never_use_held_out_facts():
    for one in lessons(200):
        for note in one.notes:
            for fact in note.facts:
                assert not is_held_out(fact.entity) and not is_held_out(fact.value)
            assert not is_held_out(note.id[:-4])


@pytest.mark.parametrize("voice", [KNOWN_VOICE, HELD_OUT_VOICE])
def test_tests_use_held_out_facts_only(voice):
    for one in lessons(50, voice=voice, held_out=True):
        assert all(
            is_held_out(f.entity) and is_held_out(f.value) for n in one.notes for f in n.facts
        )


@pytest.mark.parametrize(("near", "least", "most"), [(1.0, 0.9, 1.0), (0.0, 0.0, 0.5)])
def test_near_questions_ask_for_a_fact_of_another_thing(near, least, most):
    random, stated = Random(4), []
    for _ in range(100):
        one = lesson(random, replace(LEVEL, unanswerable=1.0, near=near))
        known = {fact.attribute.key for note in one.notes for fact in note.facts}
        stated += [asked.attribute.key in known for asked in one.asked]
    assert least <= sum(stated) / len(stated) <= most
