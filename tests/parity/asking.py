"""One user asks one view: over REST, and over GraphQL in its three ways."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from asgiref.sync import async_to_sync
from django.test import AsyncRequestFactory, Client
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    get_named_type,
    get_nullable_type,
)

from tests.parity.compare import Comparison, rest_json
from tests.parity.walk import Field

CODES = {
    400: {"BAD_USER_INPUT"},
    401: {"UNAUTHENTICATED"},
    403: {"FORBIDDEN", "UNAUTHENTICATED"},
    404: {"NOT_FOUND"},
}


@dataclass(frozen=True)
class Answer:
    """What REST said: a status, and the data of the response."""

    status: int
    data: Any

    @property
    def rows(self) -> list[Any]:
        """The rows of a list, whatever pages there are."""
        return list(self.data if isinstance(self.data, list) else self.data["results"])


class Asker:
    """One user."""

    def __init__(self, user: Any) -> None:
        self.user = user
        self._client = Client()
        if user.is_authenticated:
            self._client.force_login(user)

    def rest(self, url: str, params: Mapping[str, Any] | None = None) -> Answer:
        """``GET`` the URL."""
        response: Any = self._client.get(url, params or {})
        return Answer(response.status_code, rest_json(response.data))

    def pages(self, url: str, params: Mapping[str, Any] | None = None) -> Iterator[Answer]:
        """``GET`` the URL, and every page that follows it."""
        answer = self.rest(url, params)
        yield answer
        while isinstance(answer.data, dict) and answer.data.get("next"):
            answer = self.rest(answer.data["next"])
            yield answer

    def assert_same(
        self, field: Field, url: str, kwargs: Mapping[str, Any], params: Mapping[str, Any]
    ) -> Answer:
        """Fail where REST and GraphQL do not say the same; what REST says."""
        answer = self.rest(url, params)
        response = self.graphql(field, arguments(field, kwargs, params))
        if answer.status != 200:
            code = response["errors"][0]["extensions"]["code"]
            assert code in CODES[answer.status], (answer, response)
            return answer
        assert "errors" not in response, response["errors"]
        data, got = answer.data, response["data"]["answer"]
        if isinstance(data, list) and isinstance(got, dict):
            # A view that paginates where it is asked to, and was not.
            data = {"results": data, "count": len(data)}
        Comparison(field.router).assert_same(field.query.type, data, got, str(field))
        return answer

    def graphql(self, field: Field, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Query everything that a root field gives, through its router's HTTP view."""
        selection = Comparison(field.router).everything(field.query.type)
        document = f"query {operation(field, field.query, arguments, selection)}"
        body = json.dumps({"query": document, "variables": arguments})
        request: Any = AsyncRequestFactory().post("/", body, content_type="application/json")
        request.user = self.user
        response = async_to_sync(field.router.as_view())(request)
        return json.loads(response.content)  # type: ignore[no-any-return]


def operation(field: Field, root: Any, arguments: Mapping[str, Any], selection: str) -> str:
    """An operation on a root field whose variables are its arguments, but for its first word."""
    declared = ", ".join(f"${name}: {root.args[name].type}" for name in arguments)
    given = ", ".join(f"{name}: ${name}" for name in arguments)
    head, tail = (f"({declared})", f"({given})") if arguments else ("", "")
    return f"{head} {{ answer: {field.name}{tail} {selection} }}"


def arguments(field: Field, kwargs: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that stand for URL kwargs and query parameters."""
    by_kwarg = {kwarg.name: argument for argument, kwarg in field.root.url_kwargs.items()}
    made: dict[str, Any] = {by_kwarg[name]: str(value) for name, value in kwargs.items()}
    for param, text in params.items():
        path = field.root.arguments_by_param.get(param)
        if path is None:
            made.setdefault("query_params", {})[param] = text
            continue
        name, _, member = path.partition(".")
        type_ = field.query.args[name].type
        if not member:
            made[name] = argument(type_, text)
        else:
            members: Any = get_named_type(type_)
            made.setdefault(name, {})[member] = argument(members.fields[member].type, text)
    return made


def argument(type_: Any, text: str) -> Any:
    """The GraphQL value, as JSON, of what a query string says as ``text``."""
    named = get_named_type(type_)
    if isinstance(get_nullable_type(type_), GraphQLList):
        return [argument(named, each) for each in text.split(",")]
    if isinstance(named, GraphQLInputObjectType):
        parts = zip(named.fields.items(), text.split(","), strict=True)
        return {name: argument(field.type, part) for (name, field), part in parts}
    if isinstance(named, GraphQLEnumType):
        return next(name for name, each in named.values.items() if each.value == text)
    if named.name == "Boolean":
        return text == "true"
    return int(text) if named.name == "Int" else text


def params_of(url: str) -> dict[str, str]:
    """The query parameters of a URL."""
    return dict(parse_qsl(urlsplit(url).query))
