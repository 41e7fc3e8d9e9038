"""The mixin that a view opts in with."""

from collections.abc import Mapping
from typing import Any, ClassVar


class RealtimeMixin:
    """A ``GenericAPIView`` whose list and objects may be subscribed to. It may stand first or last
    among the bases.

    It changes nothing about the view: it says that the view may be registered with a
    ``RealtimeRouter``.
    """

    realtime_kwargs: ClassVar[Mapping[str, Any]] = {}
    """The URL kwargs, by name, with their types, of a view that is mounted nowhere in the
    URLconf.
    """

    realtime_full_rows: ClassVar[bool] = False
    """Serialize every field of a row, and not only what operations select: for a serializer whose
    fields count on each other having run.
    """
