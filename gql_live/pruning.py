"""Serialize only what is wanted: a nested serializer that nobody selects asks no query.

One trick, and only here: the opened view's ``get_serializer()`` gives a twin of the serializer,
which shows the wanted fields only. Rest framework's own loop writes the rows. Fields stay as they
are and stay bound to the serializer that the view made, so whatever one of them asks of that
serializer, or of another field there, is answered in full.
"""

import sys
from copy import copy
from typing import Any

from rest_framework.serializers import ListSerializer, Serializer

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
        serializer = get_serializer(*arguments, **named)
        # Without rows it is asked for what it could show, by a filter backend for example.
        has_rows = arguments or "instance" in named
        return _pruned(serializer, wanted) if has_rows else serializer

    view.get_serializer = get_pruned_serializer


def overridden(owner: type, *names: str) -> bool:
    """Whether a class outside rest framework, on the way up from ``owner``, defines one of
    ``names``.

    What the definition does is not looked at: one that seems to change nothing may read anything.
    """
    return any(
        name in vars(each)
        for each in owner.__mro__
        if each is not object and not _is_stock(each)
        for name in names
    )


def _is_stock(owner: type) -> bool:
    # The name alone does not tell: a class that somebody made by calling the metaclass has the
    # metaclass's module.
    module = owner.__module__
    if not module.startswith("rest_framework."):
        return False
    return getattr(sys.modules.get(module), owner.__name__, None) is owner


def only_passes_on(view: Any, action: str) -> bool:
    """Whether the answer to ``action`` holds the serializer's data and nothing that was made of
    it: a handler or paginator of the project's may read what no operation selects.
    """
    return not (
        overridden(type(view), action, "get", "get_paginated_response")
        or overridden(type(view.paginator), "get_paginated_response")
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
        or overridden(type(field), "_readable_fields", "data", "fields", "to_representation")
        or "to_representation" in vars(field)
    )
