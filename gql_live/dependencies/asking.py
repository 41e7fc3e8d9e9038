"""A view as it is set up for clients of every sort, before anybody asks."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

from gql_live.schema_builder.recording import RecordingRequest, clients

_ACTIONS: Final = ("list", "retrieve")


def ask(view_class: Any) -> Iterator[Any]:
    """The view for one sort of client after the other and each action. Whatever it is asked, it
    may raise.
    """
    for user in clients():
        with suppress(Exception):  # whose key may be no number
            user.pk = 0  # a queryset is filtered by saved users only
        for action in _ACTIONS:
            view = view_class()
            view.args, view.kwargs, view.format_kwarg = (), defaultdict(lambda: "0"), None
            view.request, view.action = RecordingRequest(user), action
            # What drf-yasg and drf-spectacular set, and projects ask for.
            view.swagger_fake_view = True
            yield view
