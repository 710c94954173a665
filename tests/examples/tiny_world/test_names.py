from random import Random

import pytest
from tiny_world.lexicon import ATTRIBUTES
from tiny_world.names import akin, document_id, is_held_out, name, value


@pytest.mark.parametrize("held_out", [False, True])
def test_names_and_numbers_stay_on_their_side(held_out):
    random = Random(1)
    made = [name(random, held_out) for _ in range(300)]
    made += [value(random, attribute, held_out) for attribute in ATTRIBUTES for _ in range(50)]
    assert {is_held_out(text) for text in made} == {held_out}


def test_a_number_is_the_same_however_it_is_written():
    assert is_held_out("12,870") == is_held_out("12870")
    assert is_held_out("12.87") == is_held_out("1287")
    assert len({is_held_out(str(number)) for number in range(100, 200)}) == 2


def test_values_have_the_attributes_bounds_and_digits():
    random = Random(2)
    [pue] = [attribute for attribute in ATTRIBUTES if attribute.key == "pue"]
    assert all(1.05 <= float(value(random, pue, False)) <= 1.99 for _ in range(50))
    [cost] = [attribute for attribute in ATTRIBUTES if attribute.key == "cost"]
    written = [value(random, cost, False) for _ in range(50)]
    assert {"," in text for text in written} == {True, False}
    assert all(1000 <= int(text.replace(",", "")) <= 99999 for text in written)


def test_document_ids_are_a_name_and_a_year():
    made = document_id(Random(3), held_out=True)
    assert made[:-4].isalpha() and made.islower() and 2010 <= int(made[-4:]) <= 2029


@pytest.mark.parametrize("other", ["Talnis", "Talnisbia", "Elka", "Quilwickbek"])
def test_a_name_akin_to_another_is_one_of_lessons_and_shares_a_part(other):
    random, made = Random(3), set()
    for _ in range(200):
        made.add(akin(random, other, held_out=False))
    made.discard(None)
    assert len(made) > 20
    for one in made:
        assert not is_held_out(one) and one != other
        assert one[:2] == other[:2] or one[-2:] == other[-2:]
