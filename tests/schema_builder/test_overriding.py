"""Whether a class does something its own way decides what its schema may promise."""

from typing import Any

import pytest
from rest_framework import serializers

from gql_live.schema_builder.overriding import overrides

Plain = serializers.Serializer[Any]


class Untouched(Plain):
    """Nothing of its own."""


class Delegates(Plain):
    """Carries a decorator or an annotation, perhaps."""

    def to_representation(self, instance: Any) -> Any:
        """As ever."""
        return super().to_representation(instance)


class DelegatesAll(Plain):
    def to_representation(self, *args: Any, **kwargs: Any) -> Any:
        return super().to_representation(*args, **kwargs)


class SetsAKey(Plain):
    def to_representation(self, instance: Any) -> Any:
        row = super().to_representation(instance)
        row["title"] = None
        return row


class MakesAnother(Plain):
    def to_representation(self, instance: Any) -> Any:
        return {**super().to_representation(instance), "id": None}


class AsksForAnother(Plain):
    def to_representation(self, instance: Any) -> Any:
        return super().to_representation(instance.parent)


class DelegatesElsewhere(Plain):
    def to_representation(self, instance: Any) -> Any:
        return super().to_internal_value(instance)


Made = type("Made", (Plain,), {"to_representation": eval("lambda self, instance: None")})


@pytest.mark.parametrize(
    ("owner", "own"),
    [
        (Untouched, False),
        (Delegates, False),
        (DelegatesAll, False),
        (SetsAKey, True),
        (MakesAnother, True),
        (AsksForAnother, True),
        (DelegatesElsewhere, True),
        (Made, True),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else None,
)
def test_a_method_that_only_delegates_is_no_way_of_its_own(owner: type, own: bool) -> None:
    assert overrides(owner, "to_representation") is own
