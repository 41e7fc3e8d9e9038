"""Every registered view of the test project, and everything that can be asked of it."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from django.apps import apps
from django.urls import reverse
from django.utils.module_loading import module_has_submodule
from graphql import GraphQLField

from gql_live import RealtimeRouter
from gql_live.schema_builder import Endpoint, RootField


@dataclass(frozen=True)
class Field:
    """A root field of a router's schema, with the view behind it."""

    router: RealtimeRouter
    app: str
    name: str

    @property
    def root(self) -> RootField:
        """What it asks of its view as a query."""
        root: RootField = self.router._built.root_fields["query", self.name]
        return root

    @property
    def query(self) -> GraphQLField:
        """The field of ``Query``."""
        query = self.router.schema.query_type
        assert query is not None
        field: GraphQLField = query.fields[self.name]
        return field

    @property
    def subscription(self) -> GraphQLField:
        """The field of ``Subscription``."""
        subscription = self.router.schema.subscription_type
        assert subscription is not None
        field: GraphQLField = subscription.fields[self.name]
        return field

    @property
    def endpoint(self) -> Endpoint:
        """The view."""
        return self.root.endpoint

    def __str__(self) -> str:
        return f"{self.app}.{self.name}"


@cache
def routers() -> Mapping[str, RealtimeRouter]:
    """The routers in the ``realtime`` modules of the installed apps, by app label."""
    found = {}
    for config in apps.get_app_configs():
        if config.module is not None and module_has_submodule(config.module, "realtime"):
            for value in vars(import_module(f"{config.name}.realtime")).values():
                if isinstance(value, RealtimeRouter):
                    found[config.label] = value
    return found


def fields(action: str) -> list[Field]:
    """The root fields of all routers whose views are asked for ``action``."""
    return [
        Field(router, app, name)
        for app, router in routers().items()
        for (operation, name), root in router._built.root_fields.items()
        if operation == "query" and root.endpoint.action == action
    ]


def urls(endpoint: Endpoint) -> Iterator[dict[str, Any]]:
    """The URL kwargs under which rows can be: those of the rows that there are, and one more."""
    names = [kwarg.name for kwarg in endpoint.kwargs]
    for values in itertools.product(*(_values(endpoint, name) for name in names)):
        yield dict(zip(names, values, strict=True))


def _values(endpoint: Endpoint, kwarg: str) -> list[Any]:
    """What a URL kwarg can be: a lookup value, or the key of a row that the model refers to."""
    column = endpoint.lookup_field
    if kwarg != endpoint.lookup_kwarg:
        relations = [field.name for field in endpoint.model._meta.concrete_fields]
        column = next(name for name in relations if kwarg.split("_", maxsplit=1)[0] == name)
    values = endpoint.model._base_manager.order_by().values_list(column, flat=True).distinct()
    return [*sorted(str(value) for value in values), "999999"]


def path(endpoint: Endpoint, kwargs: Mapping[str, Any]) -> str:
    """The view's URL in REST."""
    assert endpoint.url_name is not None, f"{endpoint.name} is not mounted in tests/urls.py"
    return reverse(endpoint.url_name, kwargs={**kwargs, **endpoint.constants})
