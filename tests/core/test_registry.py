from importlib.metadata import EntryPoint, EntryPoints
from typing import Annotated, Literal

import pytest
from pydantic import TypeAdapter, ValidationError

from modellab.core import registry
from modellab.core.errors import InputError
from modellab.core.options import Options
from modellab.core.registry import Family, OptionsFamily, kinds, load, union

GROUP = "modellab.animals"


class Animal(Options):
    kind: str


class Cat(Animal):
    kind: Literal["cat"]
    lives: int = 9


class Dog(Animal):
    kind: Literal["dog", "puppy"]


class Cow(Animal):
    kind: Literal["cow"]


HERE = __name__


@pytest.fixture
def installed(monkeypatch):
    """Installs entry points: `installed(cow="module:attribute")`."""

    def install(*pairs, **points):
        found = [EntryPoint(name, value, GROUP) for name, value in (*pairs, *points.items())]
        monkeypatch.setattr(registry, "_entry_points", lambda: EntryPoints(found))

    install()
    return install


def animals(**options):
    members = {"cat": f"{HERE}:Cat", "dog": f"{HERE}:Dog"}
    return OptionsFamily("animal", GROUP, Animal, members, **options)


def test_built_in_members_by_name(installed):
    family = animals()
    assert list(family) == ["cat", "dog"]
    assert "cat" in family and "cow" not in family
    assert family.load("cat") is Cat
    assert family.members() == {"cat": Cat, "dog": Dog}
    assert family.module("cat") == HERE
    with pytest.raises(InputError, match=r"unknown animal 'cow'; choose from: cat, dog"):
        family.load("cow")


def test_an_installed_package_adds_a_member(installed):
    installed(cow=f"{HERE}:Cow")
    family = animals()
    assert list(family) == ["cat", "dog", "cow"]
    assert family.load("cow") is Cow
    assert family.module("cow") == HERE
    assert family.parse({"kind": "cow"}) == Cow(kind="cow")


def test_nothing_is_imported_before_it_is_asked_for(installed):
    installed(cow="no.such.module:Cow")
    family = OptionsFamily("animal", GROUP, Animal, {"ghost": "no.such.module:Ghost"})
    assert list(family) == ["ghost", "cow"]
    assert family.module("ghost") == "no.such.module"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("no.such.module:Cow", "cannot be loaded .ModuleNotFoundError"),
        (f"{HERE}:Nothing", "cannot be loaded .AttributeError"),
        (f"{HERE}:GROUP", "is not a subclass of .*Animal"),
        (f"{HERE}:Cat", 'needs a field `kind: Literal."cow".`'),
    ],
)
def test_a_broken_package_is_named_in_one_line(installed, value, message):
    installed(cow=value)
    with pytest.raises(InputError, match=f"entry point 'cow' in {GROUP}: .*{message}") as found:
        animals().members()
    assert "\n" not in str(found.value)


def test_two_members_of_one_name(installed):
    installed(cat=f"{HERE}:Cow")
    with pytest.raises(InputError, match=r"'cat'.*another animal of this name"):
        list(animals())
    installed(("cow", f"{HERE}:Cow"), ("cow", f"{HERE}:Cat"))
    with pytest.raises(InputError, match=r"'cow'.*another animal of this name"):
        list(animals())


def test_entries_are_discriminated_by_kind(installed):
    read = TypeAdapter(Annotated[Animal, animals(bare_names=True)]).validate_python
    assert read("cat") == read({"kind": "cat"}) == Cat(kind="cat")
    assert read({"kind": "puppy"}) == Dog(kind="puppy")
    with pytest.raises(ValidationError, match="unknown animal 'cow'; choose from: cat, dog, puppy"):
        read("cow")
    with pytest.raises(ValidationError, match="tag"):
        read({"kind": "cow"})
    with pytest.raises(ValidationError):
        TypeAdapter(Annotated[Animal, animals()]).validate_python("cat")


def test_kinds_are_unique():
    with pytest.raises(InputError, match="two kinds of animal are called 'cat'"):
        union("animal", [Cat, type("Lion", (Cat,), {})])
    assert kinds(Dog) == ("dog", "puppy")
    assert kinds(Options) == ()


def test_members_may_be_objects(installed):
    family = Family("number", GROUP, int, {"one": f"{HERE}:ONE"})
    assert family.load("one") == 1
    installed(two=f"{HERE}:GROUP")
    with pytest.raises(InputError, match=r"is not an instance of builtins.int"):
        Family("number", GROUP, int, {}).load("two")


def test_load_names_a_module_or_something_in_it():
    assert load(f"{HERE}:ONE") == 1
    assert load("modellab.core.registry") is registry


ONE = 1
