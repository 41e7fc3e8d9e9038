"""The wished names of object types, from what they are and where they are used (SCHEMA 6)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps

from gql_live.schema_builder import naming, scalars
from gql_live.schema_builder.diagnostics import NAME_CLASH, Diagnostics, Place
from gql_live.schema_builder.options import Options
from gql_live.schema_builder.path_table import path_of
from gql_live.schema_builder.serializer_identity import is_depth_nested
from gql_live.schema_builder.shapes import (
    InputShape,
    InterfaceShape,
    NamedShape,
    ObjectShape,
    TypeRef,
)
from gql_live.schema_builder.spectacular import component_name

_RESERVED = frozenset({"Mutation", "Query", "Subscription", *scalars.BUILT_IN, *scalars.CUSTOM})


@dataclass(eq=False)
class TypeUse:
    """An object type and where it is used.

    ``owner``: the serializer class; ``serializer``: an instance of it whose fields are made.
    ``base``: the class's own name for it. ``roots``: names wished by the views that give it.
    ``parents``: names made of the types and fields that nest it.
    """

    shape: ObjectShape
    owner: type
    base: str
    serializer: Any
    roots: set[str] = field(default_factory=set)
    parents: set[str] = field(default_factory=set)

    @property
    def rank(self) -> tuple[bool, list[str], int, list[str]]:
        """What decides who has the plain name of a class: a view's own type before a nested one."""
        return (not self.roots, sorted(self.roots), -len(self.shape.fields), sorted(self.parents))

    @property
    def path(self) -> str:
        """Where the serializer class stands."""
        return path_of(self.owner)

    @property
    def keys(self) -> frozenset[str]:
        """The response keys of the type."""
        return frozenset(each.key for each in self.shape.fields)


def explicit_name(owner: type, options: Options) -> str | None:
    """Return the name that a project gave to a serializer class's type, if it did.

    By ``Options.names``, ``Meta.gql_name``, drf-spectacular's ``component_name`` or drf-yasg's
    ``Meta.ref_name``.
    """
    meta = vars(owner).get("Meta")
    return (
        options.names.get(path_of(owner))
        or getattr(meta, "gql_name", None)
        or component_name(owner)
        or getattr(meta, "ref_name", None)
    )


def base_name(serializer: Any, options: Options) -> str:
    """Return the name that a serializer's class has for its type, before any clash."""
    owner = type(serializer)
    meta = getattr(owner, "Meta", None)
    model = getattr(meta, "model", None)
    if is_depth_nested(owner):
        return naming.sanitize(f"{owner.Meta.model.__name__}Depth{owner.Meta.depth}")
    name = explicit_name(owner, options) or owner.__name__.removesuffix("Serializer")
    if not name:
        name = model.__name__ if model else "Object"
    return naming.sanitize(name)


def wish(uses: Iterable[TypeUse], options: Options) -> None:
    """Write the wished names of every type into its shape."""
    by_owner: dict[tuple[type, str], list[TypeUse]] = defaultdict(list)
    for use in uses:
        by_owner[use.owner, use.base].append(use)
    for (owner, base), group in by_owner.items():
        main, *others = sorted(group, key=lambda use: use.rank)
        main.shape.names = ladder(owner, base, options)
        for use in others:
            main_first = [*_variant_names(use, main), *main.shape.names[1:]]
            use.shape.names = tuple(dict.fromkeys(main_first))


def _variant_names(use: TypeUse, main: TypeUse) -> list[str]:
    """Return names for a further type of a class: by its view, as brief, or by what nests it."""
    names = [f"{use.base}List"] if use.roots and all(_is_list(root) for root in use.roots) else []
    names += [use.base + root for root in sorted(use.roots)]
    if not names and use.keys < main.keys:
        names.append(f"{use.base}Brief")
    return names + sorted(use.parents)


def _is_list(root: str) -> bool:
    return root.endswith("List")


def ladder(owner: type, base: str, options: Options) -> tuple[str, ...]:
    """Return the wished names of a class: its own, with its app before it, with its module."""
    if explicit_name(owner, options):
        return (base,)
    app = apps.get_containing_app_config(owner.__module__)
    model = getattr(getattr(owner, "Meta", None), "model", None)
    if app is not None and app.name != "rest_framework":
        label = app.label
    else:
        # A class made at run time has the module of what made it; its model knows better.
        label = model._meta.app_label if model else owner.__module__.partition(".")[0]
    return base, naming.pascal(label) + base, naming.pascal(owner.__module__) + base


class TypeNames:
    """Gives every type of a schema its name."""

    def __init__(self, uses: Iterable[TypeUse], options: Options, diagnostics: Diagnostics) -> None:
        uses = list(uses)
        wish(uses, options)
        self._uses = {use.shape: use for use in uses}
        self._diagnostics = diagnostics

    def assign(
        self,
        shapes: Iterable[NamedShape],
        changes: Mapping[ObjectShape, tuple[TypeRef, str]],
        taken: Iterable[str],
    ) -> dict[NamedShape, str]:
        """Name all ``shapes``: first what stands for something of the project's, then what is put
        around it.

        ``changes``: for each change type the type of its row, and a name where the row's type has
        none. ``taken``: names that a project's own type definitions have.
        """
        shapes = list(shapes)
        reserved = {*_RESERVED, *taken}
        names = self._distinct([each for each in shapes if not _is_around(each)], reserved)
        for change, (row, otherwise) in changes.items():
            named = row if isinstance(row, (ObjectShape, InterfaceShape)) else None
            change.names = (f"{names[named] if named else otherwise}Change",)
        around = [each for each in shapes if _is_around(each)]
        return {**names, **self._distinct(around, {*reserved, *names.values()})}

    def _distinct(self, shapes: list[NamedShape], reserved: set[str]) -> dict[NamedShape, str]:
        wishes = {each: each.names for each in shapes}
        names = naming.assign(wishes, reserved, {each: self._order(each) for each in shapes})
        for shape, name in names.items():
            first = naming.sanitize(shape.names[0])
            if name != first:
                use = self._uses.get(shape) if isinstance(shape, ObjectShape) else None
                place = Place((use.path if use else first,))
                self._diagnostics.add(
                    NAME_CLASH,
                    place,
                    f"another type is called {first!r} too, this one is {name!r}",
                    "set `gql_name` in the Meta of a serializer to name its type",
                )
        return names

    def _order(self, shape: NamedShape) -> str:
        """Return what tells two types of one name apart: the class, then the fields."""
        if isinstance(shape, (ObjectShape, InterfaceShape)):
            inside = ",".join(each.key for each in shape.fields)
        else:
            inside = ",".join(each.name for each in shape.members)
        use = self._uses.get(shape) if isinstance(shape, ObjectShape) else None
        return f"{use.path if use else ''} {inside}"


def _is_around(shape: NamedShape) -> bool:
    return isinstance(shape, InputShape) or (isinstance(shape, ObjectShape) and shape.wrapper)
