"""Serialize only what is wanted: a nested serializer that nobody selects asks no query (SCHEMA §0).

One trick, and only here: the opened view's ``get_serializer()`` gives a twin of the serializer,
which shows the wanted fields only. Rest framework's own loop writes the rows. Fields stay as they
are and stay bound to the serializer that the view made, so whatever one of them asks of that
serializer, or of another field there, is answered in full.
"""

from copy import copy
from typing import Any

from rest_framework.serializers import ListSerializer, Serializer

from gql_live.schema_builder.nullability import overrides
from gql_live.wanted import Wanted


def want(view: Any, wanted: Wanted) -> None:
    """Have ``view`` serialize only what is wanted, unless it says ``realtime_full_rows``.

    The view instance is to be asked for rows from now on, and its serializers' data for nothing
    else.
    """
    if wanted.keys is None or getattr(view, "realtime_full_rows", False):
        return
    get_serializer = view.get_serializer

    def get_pruned_serializer(*arguments: Any, **named: Any) -> Any:
        return _pruned(get_serializer(*arguments, **named), wanted)

    view.get_serializer = get_pruned_serializer


def only_passes_on(view: Any, action: str) -> bool:
    """Whether the answer to ``action`` holds the serializer's data and nothing that was made of
    it: a handler or paginator of the project's may read what no operation selects.
    """
    return not (
        overrides(type(view), action, "get", "get_paginated_response")
        or overrides(type(view.paginator), "get_paginated_response")
    )


def _pruned(field: Any, wanted: Wanted) -> Any:
    """``field`` itself, or a twin that shows the wanted fields only.

    A serializer that writes its rows itself may read any of its fields: it stays whole.
    """
    if wanted.keys is None or _writes_itself(field):
        return field
    twin = copy(field)
    if isinstance(field, ListSerializer):
        twin.child = _pruned(field.child, wanted)
    else:
        # In the place where the cached property keeps its value.
        vars(twin)["fields"] = {
            name: _pruned(each, wanted.keys[name])
            for name, each in field.fields.items()
            if name in wanted.keys
        }
    return twin


def _writes_itself(field: Any) -> bool:
    return (
        not isinstance(field, (ListSerializer, Serializer))
        or overrides(type(field), "_readable_fields", "data", "fields", "to_representation")
        or "to_representation" in vars(field)
    )
