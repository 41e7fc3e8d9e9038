"""What an object holds, as a value that is equal where it tells the same, and only there."""

from collections.abc import Callable, Hashable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from types import FunctionType, MethodType, NoneType
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import Model, QuerySet
from django.http import QueryDict
from django.urls import ResolverMatch
from django.utils.datastructures import MultiValueDict
from django.utils.functional import LazyObject
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.pagination import BasePagination
from rest_framework.renderers import BaseRenderer
from rest_framework.versioning import BaseVersioning

from gql_live.wanted import Wanted

_Tell = Callable[[Any, "Met"], Hashable]

_ATOMS: Final = frozenset({NoneType, bool, bytes, date, int, str, UUID})

Met = dict[int, int]
"""The objects on the way that others may refer to, by identity, numbered as they were met."""


class OpaqueError(Exception):
    """An object of which nobody can say what it holds."""


def content(thing: Any, *known: Any) -> Hashable:
    """What ``thing`` holds. Raises ``OpaqueError``.

    ``known`` objects may be met in it: each stands for itself, by its place among the known. Exact
    types count, because ``1``, ``True`` and ``1.0`` are equal and are not written alike.
    """
    return _content(thing, {id(each): number for number, each in enumerate(known)})


def _content(thing: Any, met: Met) -> Hashable:
    kind: Any = type(thing)
    if kind in _ATOMS:
        return kind, thing
    if id(thing) in met:
        return "met", met[id(thing)]
    return kind, _teller(kind)(thing, met)


def _opaque(thing: Any, _met: Met) -> Hashable:
    raise OpaqueError(type(thing))


def _itself(thing: Any, _met: Met) -> Hashable:
    return thing  # type: ignore[no-any-return]  # hashable by identity


def _elements(thing: Any, met: Met) -> Hashable:
    return tuple([_content(each, met) for each in thing])


def _members(thing: Any, met: Met) -> Hashable:
    return frozenset([_content(each, met) for each in thing])


def _pairs(thing: Any, met: Met) -> Hashable:
    """In their order, because that is how they would be written."""
    return tuple([(_content(key, met), _content(each, met)) for key, each in thing.items()])


def _attributes(thing: Any, met: Met) -> Hashable:
    met[id(thing)] = len(met)
    return _pairs(vars(thing), met)


def _instance(thing: Any, met: Met) -> Hashable:
    """All attributes of a row, for authentication may have added some that no table has: the scopes
    of a token, or a right that it takes away.
    """
    met[id(thing)] = len(met)
    attributes = vars(thing).copy()
    # django.db.models.base.ModelState: what says where the row comes from and what hangs on it.
    state = {"db": None, "adding": True, "fields_cache": {}} | vars(attributes.pop("_state"))
    columns = tuple([_column(each, attributes, met) for each in thing._meta.concrete_fields])
    fetched = attributes.pop("_prefetched_objects_cache", {}).items()
    along = tuple([(name, _fetched(each, met)) for name, each in fetched])
    return _pairs(state, met), columns, along, _pairs(attributes, met)


def _fetched(rows: Any, met: Met) -> Hashable:
    """Related rows that hang on a row, and the question that narrower ones are made of."""
    return _elements([rows.query.sql_with_params(), list(rows)], met)


def _column(field: Any, attributes: dict[str, Any], met: Met) -> Hashable:
    """A field's value, taken out of the attributes. Where it is an object of the field's own make,
    a phone number or a file, it is what the field makes of it for its column.
    """
    if field.attname not in attributes:
        return None
    value = attributes.pop(field.attname)
    try:
        return _content(value, met)
    except OpaqueError:
        return type(value), _content(field.get_prep_value(value), met)


def _session(thing: Any, met: Met) -> Hashable:
    """Its key, and what of the store is here: that may have been changed without its notice."""
    if thing.modified:
        return _opaque(thing, met)
    return _elements([thing.session_key, vars(thing).get("_session_cache")], met)


def _what_it_stands_for(thing: Any, met: Met) -> Hashable:
    assert thing.__class__  # asks for it, so that it is there
    return _content(thing._wrapped, met)  # noqa: SLF001 - of django.utils.functional.LazyObject


def _function(thing: Any, met: Met) -> Hashable:
    if thing.__closure__ is None:
        return _itself(thing, met)
    closure = [cell.cell_contents for cell in thing.__closure__]
    attributes = [closure, thing.__defaults__, thing.__kwdefaults__, vars(thing)]
    return thing.__module__, thing.__code__, _elements(attributes, met)


def _method(thing: Any, met: Met) -> Hashable:
    return _elements([thing.__self__, thing.__func__], met)


def _match(thing: Any, met: Met) -> Hashable:
    asked = [thing.func, thing.args, thing.kwargs, thing.route, thing.url_name, thing.namespaces]
    return _elements(asked, met)


@lru_cache(maxsize=1000)
def _teller(kind: Any) -> _Tell:
    own = _BY_TYPE.get(kind)
    return own or next((tell for base, tell in _BY_BASE if issubclass(kind, base)), _opaque)


_BY_TYPE: Final[Mapping[type, _Tell]] = {
    tuple: _elements,
    list: _elements,
    set: _members,
    frozenset: _members,
    dict: _pairs,
    QueryDict: lambda thing, met: _pairs(dict(thing.lists()), met),
    MultiValueDict: lambda thing, met: _pairs(dict(thing.lists()), met),
    FunctionType: _function,
    MethodType: _method,
    ResolverMatch: _match,
    Wanted: lambda _thing, _met: None,  # is compared by whoever shares
    # Equal ones may be written differently: 1.0 and 1.00, one moment in two time zones.
    **dict.fromkeys((Decimal, datetime, float, time, timedelta), lambda thing, _met: repr(thing)),
}

_BY_BASE: Final[tuple[tuple[type, _Tell], ...]] = (
    (type, _itself),
    (Enum, _itself),
    (QuerySet, _itself),
    (LazyObject, _what_it_stands_for),
    (Model, _instance),
    (SessionBase, _session),
    # Nothing but their attributes.
    (AnonymousUser, _attributes),
    (BaseContentNegotiation, _attributes),
    (BasePagination, _attributes),
    (BaseRenderer, _attributes),
    (BaseVersioning, _attributes),
)
