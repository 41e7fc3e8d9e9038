"""Rows for any model: a few of each, the first with null wherever a column allows it."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db import models
from phonenumber_field.modelfields import PhoneNumberField
from taggit.managers import TaggableManager

COUNT = 5

# The first that fits counts, so a subclass stands before its base.
_VALUES: tuple[tuple["type[models.Field[Any, Any]]", Callable[[int], Any]], ...] = (
    (PhoneNumberField, lambda index: f"+4930123450{index}"),
    (models.UUIDField, lambda index: uuid.UUID(int=index + 1)),
    (models.DurationField, lambda index: timedelta(days=index, seconds=1)),
    (models.DateTimeField, lambda index: datetime(2030, 1, 1 + index, 12, tzinfo=UTC)),
    (models.DateField, lambda index: date(2030, 1, 1 + index)),
    (models.TimeField, lambda index: time(index, 30)),
    (models.DecimalField, lambda index: Decimal(index) + Decimal(1) / 4),
    (models.FloatField, lambda index: index + 0.5),
    (models.BooleanField, lambda index: index % 2 == 0),
    (models.BigIntegerField, lambda index: 2**40 + index),
    (models.PositiveBigIntegerField, lambda index: 2**40 + index),
    (models.IntegerField, lambda index: index + 1),
    (models.JSONField, lambda index: {"number": index, "nested": [{"keyOne": None}]}),
    (models.BinaryField, lambda index: bytes([index])),
    (models.GenericIPAddressField, lambda index: f"10.0.0.{index}"),
)


def make_rows(labels: Iterable[str]) -> None:
    """Make rows for every model of the apps in ``labels``, those that others refer to first."""
    waiting = [model for label in labels for model in apps.get_app_config(label).get_models()]
    waiting = [model for model in waiting if not model._meta.proxy]
    while waiting:
        ready = next(model for model in waiting if not _needs(model) & set(waiting) - {model})
        waiting.remove(ready)
        for index in range(COUNT):
            _make(ready, index)


def _needs(model: type[models.Model]) -> set[Any]:
    fields = (*model._meta.concrete_fields, *model._meta.many_to_many)
    return {field.related_model for field in fields if field.is_relation}


def _make(model: type[models.Model], index: int) -> None:
    values = {
        field.name: _value(field, index)
        for field in model._meta.concrete_fields
        if not _is_made(field)
    }
    row = model._base_manager.create(**values)
    for field in model._meta.many_to_many:
        others = _existing(field.related_model)[index % 3 :: 2]
        if isinstance(field, TaggableManager):
            others = [f"tag-{number}" for number in range(index % 3)]
        getattr(row, field.name).set(others)


def _is_made(field: Any) -> bool:
    """Whether a column is written by the database, by Django, or by django-polymorphic."""
    of_parent = field.is_relation and field.remote_field.parent_link
    automatic = isinstance(field, models.AutoField) or getattr(field, "generated", False)
    return of_parent or automatic or field.name == "polymorphic_ctype"


def _existing(model: Any) -> Sequence[Any]:
    if model is ContentType:
        return [ContentType.objects.get_for_model(get_user_model())]
    return list(model._base_manager.order_by("pk"))


def _value(field: Any, index: int) -> Any:
    if field.null and index == 0:
        return None
    if field.is_relation:
        existing = _existing(field.related_model)
        if isinstance(field, models.OneToOneField):
            existing = existing[index : index + 1]
        return existing[index % len(existing)] if existing else None
    if field.choices:
        return field.flatchoices[index % len(field.flatchoices)][0]
    return _plain(field, index)


def _plain(field: Any, index: int) -> Any:
    """A value of the column's type that ``index`` tells apart from the others."""
    for column, make in _VALUES:
        if isinstance(field, column):
            return make(index)
    if field.blank and index == 1:
        return ""
    text = f"{field.name}-{index}"
    return f"https://{text}.example" if isinstance(field, models.URLField) else text
