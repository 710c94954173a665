"""Families of interchangeable members: tasks, generators, retrievers, plots, ...

A built-in member is one line `name: "module:attribute"` in its family. An installed package adds a
member by an entry point of the family's group, so no fork is needed:

    [project.entry-points."modellab.tasks"]
    essay = "my_package.essay:EssayOptions"

Members are imported lazily.
"""

import functools
import operator
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, EntryPoints, entry_points
from typing import Annotated, Any, Generic, TypeVar, cast, get_args

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler, TypeAdapter

from modellab.core.errors import InputError
from modellab.core.options import Options, by_name

Member = TypeVar("Member")
Entry = TypeVar("Entry", bound=Options)


class Family(Generic[Member]):
    """Members by name: built-in ones first, then those of installed packages.

    Args:
        name: What a member is called in messages, such as `plot`.
        group: The group of entry points for members of packages.
        base: The class that members are instances of.
        builtin: `module:attribute` of built-in members by name.
    """

    def __init__(self, name: str, group: str, base: type, builtin: Mapping[str, str]) -> None:
        self.name, self.group, self.base, self.builtin = name, group, base, builtin

    def __iter__(self) -> Iterator[str]:
        return iter((*self.builtin, *self._installed))

    def __contains__(self, name: object) -> bool:
        return name in self.builtin or name in self._installed

    def __len__(self) -> int:
        return len(self.builtin) + len(self._installed)

    def load(self, name: str) -> Member:
        """The member itself.

        Raises:
            InputError: unknown name, or the member's package is broken.
        """
        if name in self.builtin:
            return cast(Member, load(self.builtin[name]))
        if name not in self._installed:
            raise InputError(f"unknown {self.name} {name!r}; choose from: {', '.join(self)}")
        return self._plugged_in(self._installed[name])

    def members(self) -> dict[str, Member]:
        """All members by name, imported."""
        return {name: self.load(name) for name in self}

    def module(self, name: str) -> str:
        """The module of a member, for fingerprints of code."""
        where = self.builtin[name] if name in self.builtin else self._installed[name].value
        return where.partition(":")[0]

    @functools.cached_property
    def _installed(self) -> Mapping[str, EntryPoint]:
        found: dict[str, EntryPoint] = {}
        for point in sorted(_entry_points().select(group=self.group)):
            if point.name in self.builtin or point.name in found:
                raise InputError(f"{_source(point)}: there is another {self.name} of this name")
            found[point.name] = point
        return found

    def _plugged_in(self, point: EntryPoint) -> Member:
        try:
            member = point.load()
        except Exception as error:  # importing a package may raise anything
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            raise InputError(f"{_source(point)}: cannot be loaded ({reason})") from error
        problem = self.problem_with(point.name, member)
        if problem:
            raise InputError(f"{_source(point)}: {point.value} {problem}")
        return cast(Member, member)

    def problem_with(self, name: str, member: object) -> str | None:
        """Why an object cannot be a member; None if it can."""
        if not isinstance(member, self.base):
            return f"is not an instance of {self.base.__module__}.{self.base.__qualname__}"
        return None


class OptionsFamily(Family[type[Entry]], Generic[Entry]):
    """Members that are options classes, discriminated by `key` (`kind: Literal["essay"]`).

    `Annotated[base, family]` is an entry of a config: pydantic imports the members when it needs
    them. With `bare_names`, a name alone is an entry without other keys.
    """

    def __init__(
        self,
        name: str,
        group: str,
        base: type[Options],
        builtin: Mapping[str, str],
        key: str = "kind",
        bare_names: bool = False,
    ) -> None:
        super().__init__(name, group, base, builtin)
        self.key, self.bare_names = key, bare_names

    def problem_with(self, name: str, member: object) -> str | None:
        if not (isinstance(member, type) and issubclass(member, self.base)):
            return f"is not a subclass of {self.base.__module__}.{self.base.__qualname__}"
        if name not in kinds(cast(type[Entry], member), self.key):
            return f'needs a field `{self.key}: Literal["{name}"]`'
        return None

    def entry(self) -> Any:
        """The discriminated union of all members."""
        return union(self.name, self.members().values(), self.key, self.bare_names)

    def __get_pydantic_core_schema__(self, _source: Any, handler: GetCoreSchemaHandler) -> Any:
        return handler.generate_schema(self.entry())

    def parse(self, data: Any) -> Entry:
        """The options in plain data. Raises pydantic.ValidationError."""
        kind = data.get(self.key) if isinstance(data, Mapping) else None
        if isinstance(kind, str) and kind in self:
            return self.load(kind).model_validate(data)
        found: Entry = self._all.validate_python(data)
        return found

    @functools.cached_property
    def _all(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.entry())


def kinds(options: type[Options], key: str = "kind") -> tuple[str, ...]:
    """The values of `key` that these options accept; empty without such a field."""
    field = options.model_fields.get(key)
    return tuple(map(str, get_args(field.annotation))) if field else ()


def union(
    name: str, members: Iterable[type[Options]], key: str = "kind", bare_names: bool = False
) -> Any:
    """The union of these options, discriminated by `key`.

    Raises:
        InputError: Two members have the same value of `key`.
    """
    classes = tuple(dict.fromkeys(members))  # one class may be of several kinds
    known = [kind for options in classes for kind in kinds(options, key)]
    duplicate = next((kind for kind in known if known.count(kind) > 1), None)
    if duplicate is not None:
        raise InputError(f"two kinds of {name} are called {duplicate!r}")
    entry: Any = Annotated[functools.reduce(operator.or_, classes), Field(discriminator=key)]
    if not bare_names:
        return entry
    named = BeforeValidator(by_name(name, known), json_schema_input_type=str | entry)
    return Annotated[entry, named]


def load(reference: str) -> Any:
    """Import `module:attribute` or `module`."""
    module, _, attribute = reference.partition(":")
    found = import_module(module)
    return getattr(found, attribute) if attribute else found


@functools.cache
def _entry_points() -> EntryPoints:
    """All entry points, cached: reading them opens a file per installed package."""
    return cast(EntryPoints, entry_points())


def _source(point: EntryPoint) -> str:
    package = f" of package {point.dist.name}" if point.dist else ""
    return f"entry point {point.name!r}{package} in {point.group}"
