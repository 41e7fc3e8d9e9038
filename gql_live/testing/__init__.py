"""Test a project's subscriptions against its own ASGI application, without a server.

In an ``async def`` test of Django's ``TransactionTestCase`` or ``TestCase``, or of pytest with the
``transactional_db`` fixture::

    async with GraphQLCommunicator(application, "/graphql/", user=ada) as client:
        async for result in client.subscribe("subscription { tasks { action id } }"):
            ...

``APICommunicator``, ``get_headers_for_user`` and ``async_test`` are django-rest-live's, for the
tests of a project that comes from there.

In a ``TestCase`` nothing is ever committed, and only its own thread sees its rows. So while a
communicator is open there, changes are published as soon as no atomic block but the ``TestCase``'s
own is open, and views run in that thread (``EVALUATION_THREADS`` is 0; an ``override_settings`` of
``GQL_LIVE`` within has to say so, too).
"""

from gql_live.testing.graphql import (
    GraphQLCommunicator,
    OperationError,
    SocketClosed,
    Subscription,
)
from gql_live.testing.rest_live import APICommunicator, async_test, get_headers_for_user

__all__ = [
    "APICommunicator",
    "GraphQLCommunicator",
    "OperationError",
    "SocketClosed",
    "Subscription",
    "async_test",
    "get_headers_for_user",
]
