import re
from dataclasses import replace
from random import Random

import pytest
from tiny_world.facts import HELD_OUT_VOICE, KNOWN_VOICE, Note
from tiny_world.found import _found, found_lesson
from tiny_world.lessons import Level
from tiny_world.names import is_held_out

LEVEL = Level(notes=10, facts=2, questions=8, least_notes=4, unanswerable=0.3, near=0.8)


def lessons(count, level=LEVEL, **options):
    random = Random(4)
    return [found_lesson(random, level, **options) for _ in range(count)]


def facts_of(one):
    return [fact for note in one.notes for fact in note.facts]


def test_rare_words_find_a_note():
    texts = ["The PUE of A is 1", "The cost of B is 2", "The cost of C is 3", "The area of D is 4"]
    notes = [Note(str(at), text, ()) for at, text in enumerate(texts)]
    # log(4/2) for the cost, log(4/1) for D, nothing for what all have
    assert [note.id for note in _found(notes, "the cost of D?", 3)] == ["3", "1", "2"]


def test_equal_notes_stay_in_their_order():
    notes = [Note(name, "The cost is 1", ()) for name in "cab"]
    assert [note.id for note in _found(notes, "cost", 3)] == ["c", "a", "b"]


def test_a_lesson_has_as_many_notes_and_questions_as_its_level_says():
    made = lessons(100)
    assert {len(one.asked) for one in made} == {8}
    assert {len(one.notes) for one in made} == {*range(4, 11)}


def test_a_question_has_one_answer_among_the_notes_or_none():
    for one in lessons(100):
        stated = [(fact.entity, fact.attribute.key) for fact in facts_of(one)]
        assert len({*stated}) == len(stated)
        for asked in one.asked:
            if asked.fact:
                [source] = [note for note in one.notes if asked.fact in note.facts]
                assert f" {asked.fact.value}" in source.text and asked.fact.entity in asked.text
            else:
                entities = {entity for entity, key in stated if key == asked.attribute.key}
                assert not entities & {*re.findall(r"\w+", asked.text)}


def test_notes_are_of_what_was_asked_for():
    """The first question's thing or attribute is stated far more often than by chance."""
    level = replace(LEVEL, unanswerable=0.0, least_notes=6, notes=6)
    of_thing = of_attribute = 0
    made = lessons(100, level, voice=KNOWN_VOICE)
    for one in made:
        asked, facts = one.asked[0], facts_of(one)
        of_thing += any(fact.entity in re.findall(r"\w+", asked.text) for fact in facts)
        of_attribute += sum(fact.attribute == asked.attribute for fact in facts)
    assert of_thing > 60
    # of twenty attributes, in nine facts
    assert of_attribute > 2 * len(made)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_level_says_how_many_questions_have_no_answer(share):
    made = lessons(50, replace(LEVEL, unanswerable=share))
    # the first question's answer may not be found
    assert {asked.fact is None for one in made for asked in one.asked[1:]} == {share == 1.0}


def test_some_things_are_named_alike():
    alike = 0
    for one in lessons(200):
        names = {fact.entity for fact in facts_of(one)}
        alike += any(a != b and a[:4] == b[:4] for a in names for b in names)
    assert alike > 10


def test_lessons_never_use_held_out_facts():
    for one in lessons(50):
        for note in one.notes:
            assert not is_held_out(note.id[:-4])
            for fact in note.facts:
                assert not is_held_out(fact.entity) and not is_held_out(fact.value)


@pytest.mark.parametrize("voice", [KNOWN_VOICE, HELD_OUT_VOICE])
def test_tests_use_held_out_facts_only(voice):
    for one in lessons(20, voice=voice, held_out=True):
        assert all(is_held_out(f.entity) and is_held_out(f.value) for f in facts_of(one))


def test_the_same_seed_gives_the_same_lesson():
    assert lessons(3) == lessons(3)
