"""What other packages read of a request, or write in their own way, is what it is in REST."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings

from gql_live.testing import GraphQLCommunicator
from tests.parity import walk
from tests.parity.asking import Asker
from tests.parity.bazaar.models import Boat, Trader
from tests.parity.bazaar.views import TraderViewSet
from tests.parity.running import query, routed, tables_read


def field_named(name: str) -> walk.Field:
    (found,) = (
        each for action in ("list", "retrieve") for each in walk.fields(action) if each.name == name
    )
    return found


@pytest.mark.parametrize(
    "params",
    [
        {"expand": "trader"},
        {"expand": "trader,section"},
        {"expand": "section", "omit": "section.parts"},
        {"expand": "place"},
        {"expand": "~all"},
        {"fields": "id,name"},
        {"omit": "trader"},
        {"expand": "trader", "fields": "id,trader.name"},
    ],
    ids=lambda params: "&".join(f"{key}={value}" for key, value in params.items()),
)
def test_fields_that_are_expanded_or_left_out_on_wish(
    askers: Sequence[Asker], params: dict[str, str]
) -> None:
    field = field_named("flexWares")
    url = walk.path(field.endpoint, {})
    answer = askers[0].assert_same(field, url, {}, params)
    assert answer.rows
    assert answer.rows != askers[0].rest(url).rows


def test_names_in_camel_case_are_those_that_rest_renders(askers: Sequence[Asker]) -> None:
    trader = Trader.objects.latest("pk")
    url = walk.path(field_named("trader").endpoint, {"pk": trader.pk})
    # Around this one's own router only: it is built at first use, and kept.
    with override_settings(GQL_LIVE={"CASE": "camel"}):
        of = routed(TraderViewSet)
        names = " ".join(of._built.response_keys["Trader"])
        selection = names.replace("birthplace", "birthplace { code name }")
        response = query(f"{{ trader(id: {trader.pk}) {{ {selection} }} }}", of)
    rest: Any = askers[0]._client.get(url)
    rendered = json.loads(rest.content)
    assert response["data"]["trader"] == {**rendered, "id": str(trader.pk)}
    assert "secondPhone" in rendered


@pytest.mark.parametrize(
    ("selection", "tables"),
    [
        ("wares(trader_pk: PK) { name price }", {"ware"}),
        ("wares(trader_pk: PK) { tags }", {"ware", "taggit_tag", "taggit_taggeditem"}),
        ("wares(trader_pk: PK) { trader { name } }", {"ware", "trader"}),
        ("sections { name }", {"section"}),
        ("traders { phone birthplace { name } }", {"trader"}),
    ],
)
def test_fields_of_other_packages_ask_nothing_where_nobody_selects_them(
    askers: Sequence[Asker], selection: str, tables: set[str]
) -> None:
    text = f"{{ {selection.replace('PK', str(Trader.objects.latest('pk').pk))} }}"
    of = field_named("trader").router
    with CaptureQueriesContext(connection) as captured:
        response = query(text, of)
    assert "errors" not in response
    read = {table.removeprefix("bazaar_") for table in tables_read(captured)}
    assert read - {"django_content_type"} == tables


async def test_a_change_of_a_polymorphic_row_has_the_type_of_the_row(
    committed_askers: Sequence[Asker],
) -> None:
    application = field_named("trader").router.as_consumer().as_asgi()
    document = """subscription { vehicles(snapshot: true) {
        action instance { __typename name ... on Boat { length } }
    } }"""
    first = await sync_to_async(Boat.objects.earliest)("pk")
    async with GraphQLCommunicator(application, headers={"Host": "testserver"}) as client:
        stream = client.subscribe(document)
        assert "SNAPSHOT" in str(await anext(stream))
        await sync_to_async(Boat.objects.filter(pk=first.pk).update)(length=9.5, name="Ark")
        told = (await anext(stream))["data"]["vehicles"]
        boat = {"__typename": "Boat", "name": "Ark", "length": 9.5}
        assert told == {"action": "UPDATED", "instance": boat}
        await stream.stop()


async def test_a_row_that_is_tagged_shows_its_tags(committed_askers: Sequence[Asker]) -> None:
    application = field_named("wares").router.as_consumer().as_asgi()
    trader = await sync_to_async(Trader.objects.latest)("pk")
    ware = await sync_to_async(trader.wares.get)()
    document = f"""subscription {{ wares(trader_pk: {trader.pk}, snapshot: true) {{
        action instance {{ tags }} instances {{ tags }}
    }} }}"""
    async with GraphQLCommunicator(application, headers={"Host": "testserver"}) as client:
        stream = client.subscribe(document)
        [row] = (await anext(stream))["data"]["wares"]["instances"]
        for change, tags in (
            (lambda: ware.tags.add("new"), {*row["tags"], "new"}),
            (lambda: ware.tags.get(name="new").delete(), set(row["tags"])),
            (ware.tags.clear, set()),
        ):
            await sync_to_async(change)()
            told = (await anext(stream))["data"]["wares"]
            assert told["action"] == "UPDATED"
            assert set(told["instance"]["tags"]) == tags
        await stream.stop()


def test_values_of_other_packages_are_written_as_these_write_them(
    askers: Sequence[Asker],
) -> None:
    trader, ware = Trader.objects.latest("pk"), Trader.objects.latest("pk").wares.get()
    text = f"""{{
        trader(id: {trader.pk}) {{ phone country country_name birthplace {{ code name }} zone }}
        ware(trader_pk: {trader.pk}, id: {ware.pk}) {{
            url price price_currency tags trader {{ name }}
        }}
        vehicles(limit: 1) {{ results {{ __typename resourcetype ... on Cart {{ wheels }} }} }}
    }}"""
    data = query(text, field_named("trader").router)["data"]
    assert data["trader"]["phone"] == "+49301234504"
    assert data["trader"]["birthplace"]["code"] == data["trader"]["country"]
    assert data["ware"]["price"] == "4.25"
    assert data["ware"]["url"].endswith(f"/traders/{trader.pk}/wares/{ware.pk}/")
    assert data["ware"]["tags"] == ["tag-0"]
    assert data["ware"]["trader"] == {"name": trader.name}
    assert data["vehicles"]["results"] == [{"__typename": "Vehicle", "resourcetype": "Vehicle"}]
