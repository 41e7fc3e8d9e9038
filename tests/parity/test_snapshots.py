"""A subscriber begins with what REST lists for the same user, all pages of it."""

from collections.abc import Sequence
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from gql_live.pruning import overridden
from gql_live.testing import GraphQLCommunicator, OperationError
from tests.parity import walk
from tests.parity.asking import CODES, Answer, Asker, arguments, operation
from tests.parity.compare import Comparison

Asked = list[tuple[dict[str, Any], Answer]]


def subscribable() -> list[walk.Field]:
    """The root fields whose REST answer is what the view's hooks give.

    A subscription asks ``get_queryset()``, ``filter_queryset()``, ``get_object()`` and
    ``get_serializer()``. A handler of the project's own is not run for it: handlers count, log and
    cache, and a write in one would be another change to evaluate.
    """
    return [
        field
        for field in (*walk.fields("list"), *walk.fields("retrieve"))
        if not overridden(field.endpoint.view, field.endpoint.action, "get")
    ]


def rest_answers(field: walk.Field, asker: Asker) -> Asked:
    """What REST says at each URL, the pages of a list put together."""
    asked = []
    for kwargs in walk.urls(field.endpoint):
        pages = list(asker.pages(walk.path(field.endpoint, kwargs)))
        answer = pages[0]
        if field.endpoint.action == "list" and answer.status == 200:
            answer = Answer(200, [row for page in pages for row in page.rows])
        asked.append((kwargs, answer))
    return asked


@pytest.mark.parametrize("field", subscribable(), ids=str)
async def test_a_snapshot_is_what_rest_lists(
    field: walk.Field, committed_askers: Sequence[Asker]
) -> None:
    shown = 0
    for asker in committed_askers:
        application = field.router.as_consumer().as_asgi()
        headers = {"Host": "testserver"}
        async with GraphQLCommunicator(application, user=asker.user, headers=headers) as client:
            for kwargs, answer in await sync_to_async(rest_answers)(field, asker):
                shown += await assert_same_snapshot(client, field, kwargs, answer)
    assert shown, "nobody saw a row"


async def assert_same_snapshot(
    client: GraphQLCommunicator, field: walk.Field, kwargs: dict[str, Any], answer: Answer
) -> int:
    """Fail where the snapshot is not what REST answered; how many rows it has."""
    comparison = Comparison(field.router)
    rows = comparison.schema.type_map[_named(field)].fields["instances"]  # type: ignore[attr-defined]  # a change type
    given = {**arguments(field, kwargs, {}), "snapshot": True}
    selection = f"{{ action id instances {comparison.everything(rows.type)} }}"
    document = f"subscription {operation(field, field.subscription, given, selection)}"
    stream = client.subscribe(document, given)
    if answer.status != 200:
        with pytest.raises(OperationError) as refused:
            await anext(stream)
        assert refused.value.code in CODES[answer.status]
        return 0
    result = await anext(stream)
    await stream.stop()
    assert "errors" not in result, result["errors"]
    change = result["data"]["answer"]
    assert (change["action"], change["id"]) == ("SNAPSHOT", None)
    expected = answer.data if isinstance(answer.data, list) else [answer.data]
    comparison.assert_same(rows.type, expected, change["instances"], str(field))
    return len(expected)


def _named(field: walk.Field) -> str:
    return str(field.subscription.type).rstrip("!")
