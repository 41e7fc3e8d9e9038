"""Follows a serializer field's ``source`` over the models, without an instance and without a
query.
"""

import functools
import inspect
import types
import typing
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models.fields.related import ForeignObject
from django.utils.functional import cached_property

from gql_live.schema_builder.columns import ModelField
from gql_live.schema_builder.spectacular import declared

NO_HINT = inspect.Signature.empty

Kind = Literal["object", "column", "relation", "many", "attribute"]


@dataclass(frozen=True)
class Source:
    """Where a value comes from.

    ``kind``: the whole object (``source="*"``), a column, a relation to one object, to many, or
    any other attribute. ``field``: the last hop's model field, if it is one. ``model``: the model
    that a relation leads to. ``proven``: every hop is a column or foreign key that cannot be
    null. ``hint``: the return hint of a property or method.
    """

    kind: Kind
    model: type[models.Model] | None = None
    field: ModelField | None = None
    proven: bool = False
    hint: Any = NO_HINT


UNKNOWN = Source("attribute")


def follow(model: type[models.Model] | None, path: Iterable[str]) -> Source:
    """Follow the attribute ``path`` from an instance of ``model`` (None: nothing is known)."""
    source = Source("object", model, proven=model is not None)
    for attribute in path:
        if source.model is not None:
            source = _model_hop(source, source.model, attribute)
        elif isinstance(source.hint, type):
            source = _attribute(source.hint, attribute)
        else:
            return UNKNOWN
    return source


def _model_hop(source: Source, model: type[models.Model], attribute: str) -> Source:
    field = _model_field(model, attribute)
    if field is None:
        return _attribute(model, attribute)
    hop = _field_hop(field, attribute)
    if not hop.proven or (source.proven and source.kind != "many"):
        return hop
    return replace(hop, proven=False)


def _model_field(model: type[models.Model], attribute: str) -> Any:
    options = model._meta  # Django's documented Model _meta API
    if attribute == "pk":
        return options.pk
    for relation in options.related_objects:
        if relation.get_accessor_name() == attribute:
            return relation
    try:
        field = options.get_field(attribute)
    except FieldDoesNotExist:
        return next((each for each in options.concrete_fields if each.attname == attribute), None)
    # get_field() also knows reverse relations by their *query* name, which is no attribute.
    return None if isinstance(field, models.ForeignObjectRel) else field


def _field_hop(field: Any, attribute: str) -> Source:
    if isinstance(field, models.OneToOneRel):
        return Source("relation", field.related_model)
    if isinstance(field, models.ForeignObjectRel):
        return Source("many", field.related_model, proven=True)
    if field.many_to_many or field.one_to_many:
        return Source("many", _related(field), field=field, proven=True)
    if field.is_relation and field.related_model is None:
        # A generic foreign key leads anywhere.
        return UNKNOWN
    proven = not field.null and not _overrides_loading(field)
    if isinstance(field, ForeignObject) and attribute != getattr(field, "attname", None):
        # Without a constraint the row may be gone, and DRF writes null for it.
        proven = proven and getattr(field, "db_constraint", False)
        return Source("relation", _related(field), field=field, proven=proven)
    return Source("column", field=field, proven=proven)


def _related(field: Any) -> type[models.Model] | None:
    related = field.related_model
    return related if isinstance(related, type) else None


def _overrides_loading(field: ModelField) -> bool:
    """Whether a third-party column class may turn a stored value into None."""
    loading = getattr(type(field), "from_db_value", None)
    return loading is not None and not loading.__module__.startswith("django.")


def _attribute(owner: type, attribute: str) -> Source:
    hint = return_hint(inspect.getattr_static(owner, attribute, None))
    target = optional(hint)
    if isinstance(target, type) and issubclass(target, models.Model):
        return Source("relation", target, hint=target)
    return Source("attribute", hint=target if isinstance(target, type) else hint)


def return_hint(member: Any) -> Any:
    """Return what a function, property, cached property or partial method says that it returns."""
    if isinstance(member, property):
        member = member.fget
    elif isinstance(member, (cached_property, functools.cached_property)):
        member = member.func
    elif isinstance(member, functools.partialmethod):
        # get_<field>_display() and the like
        return str if member.func is models.Model._get_FIELD_display else NO_HINT  # type: ignore[attr-defined]  # noqa: SLF001
    elif isinstance(member, (classmethod, staticmethod)):
        member = member.__func__
    while isinstance(member, functools.partial):
        member = member.func
    if not callable(member) or isinstance(member, type):
        return NO_HINT
    function = inspect.unwrap(member)
    told = declared(member) or declared(function)
    if told is not None:
        return told
    try:
        return typing.get_type_hints(function, include_extras=True).get("return", NO_HINT)
    except Exception:  # a hint may name what exists only for a type checker
        return getattr(function, "__annotations__", {}).get("return", NO_HINT)


def optional(hint: Any) -> Any:
    """Return ``T`` for ``Optional[T]``, and any other hint as it is."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        arguments = [each for each in typing.get_args(hint) if each is not type(None)]
        if len(arguments) == 1:
            return arguments[0]
    return hint


def query_path(
    model: type[models.Model] | None, path: str
) -> tuple[ModelField | None, tuple[str, ...]]:
    """Return the model field that a query path (``list__owner__name``) ends at, and the lookups
    left over.
    """
    field: Any = None
    steps = path.split("__")
    for index, step in enumerate(steps):
        if model is None:
            return field, tuple(steps[index:])
        options = model._meta  # Django's documented Model _meta API
        try:
            found: Any = options.pk if step == "pk" else options.get_field(step)
        except FieldDoesNotExist:
            found = next((each for each in options.concrete_fields if each.attname == step), None)
            if found is None:
                return field, tuple(steps[index:])
        if found.is_relation and step != getattr(found, "attname", None):
            model = _related(found)
        else:
            model = None
        field = found
    return field, ()
