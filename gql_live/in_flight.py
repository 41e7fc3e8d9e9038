"""The HTTP request that a thread is at work on, and what is better done once it is answered.

Evaluations compete for the interpreter with the request that wrote what they look at. So its answer
goes out first: whoever writes does not wait for those who listen.

Relies on Django's ASGI handler sending ``request_started`` and ``request_finished`` in the thread
that runs the view, the second one when the answer was given to the server. Other handlers are left
aside: WSGI runs in no process that has subscribers, and the handler of Django's ``AsyncClient``
begins and ends a request in different threads.
"""

import threading
from collections.abc import Callable
from typing import Any, Final

from django.core.handlers.asgi import ASGIHandler
from django.core.signals import request_finished, request_started

_UID: Final = "gql_live.in_flight"


class _Thread(threading.local):
    """``afterwards``: what is to be done; None while this thread works on no request."""

    afterwards: dict[Callable[[], None], None] | None = None


_thread = _Thread()


def watch_requests() -> None:
    """Know of requests from now on. Harmless to call again."""
    request_started.connect(_started, dispatch_uid=_UID)
    request_finished.connect(_finished, dispatch_uid=_UID)


def afterwards(act: Callable[[], None]) -> bool:
    """Have ``act`` called, in this thread, when its request has been answered. False, and nothing
    is done, where it works on none. ``act`` must not raise; the same one is called once.
    """
    if _thread.afterwards is None:
        return False
    _thread.afterwards[act] = None
    return True


def _started(sender: Any, **_: Any) -> None:
    if isinstance(sender, type) and issubclass(sender, ASGIHandler):
        _thread.afterwards = {}


def _finished(**_: Any) -> None:
    acts, _thread.afterwards = _thread.afterwards, None
    for act in acts or ():
        act()
