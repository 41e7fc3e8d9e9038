"""The mixin that a view opts in with."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal


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

    realtime_audience: ClassVar[Literal["connection", "user", "public"] | None] = None
    """Who shares a result. None: those for whom the evaluation read the same. ``"connection"``:
    nobody. ``"user"``: the connections of one user. ``"public"``: everybody whose queryset is the
    same, and what the view put aside; an evaluation that reads of the request who asks is then an
    error.
    """

    realtime_depends_on: ClassVar[Mapping[str, Sequence[Any]]] = {}
    """What rows are made of besides what can be read from serializer and queryset: by serializer
    field (``"*"``: the queryset, the permissions, all of the row), the lookup paths from the view's
    model to other rows (``"tasks__tags"``), or models (classes or ``"app.Model"``) any row of which
    counts. A field that is named here is taken to depend on nothing else.
    """

    realtime_poll: ClassVar[float | None] = None
    """Seconds after which the rows are looked at again although nothing was written: for what the
    passing of time changes.
    """
