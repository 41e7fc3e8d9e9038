"""The root fields: for each endpoint its name, what it gives, and what may be asked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from rest_framework.serializers import BaseSerializer

from gql_live.schema_builder import naming
from gql_live.schema_builder.any_client import AnyClient
from gql_live.schema_builder.diagnostics import NOT_BUILT, Diagnostics, SchemaError
from gql_live.schema_builder.endpoints import Endpoint, Registration, place_of
from gql_live.schema_builder.enums import Enums
from gql_live.schema_builder.filter_types import FilterContext, Item
from gql_live.schema_builder.json_schema import JsonSchemas
from gql_live.schema_builder.list_parameters import ListParameters, list_parameters
from gql_live.schema_builder.options import Options
from gql_live.schema_builder.pagination import Pages, paginates
from gql_live.schema_builder.path_table import path_of
from gql_live.schema_builder.probe import ProbedView, probe, probes
from gql_live.schema_builder.shapes import InputShape, ListOf, ObjectShape, TypeRef
from gql_live.schema_builder.spelling import compare
from gql_live.schema_builder.types import ObjectTypes

_Made = TypeVar("_Made")
_NOTHING_TO_ASK = ListParameters()


@dataclass(frozen=True, eq=False)
class Root:
    """A root field of Query and Subscription, before types have names.

    ``item``: the type of one row. ``rows``: the type of a list. ``page``: the paginator's
    envelope and the key of the rows in it.
    """

    name: str
    base: str
    endpoint: Endpoint
    item: TypeRef
    rows: ListOf | None
    page: tuple[ObjectShape, str] | None
    parameters: ListParameters


def root_names(registration: Registration, endpoint: Endpoint) -> tuple[str, str]:
    """Return the names for one row and for the list: ``task`` and ``tasks``."""
    options = endpoint.model._meta  # Django's documented Model _meta API
    if registration.name is not None:
        one = naming.lower_camel(registration.name)
        many = f"{one}s"
    else:
        one = naming.lower_camel(endpoint.model.__name__)
        many = naming.lower_camel(str(options.verbose_name_plural))
        if not any(character.isalpha() for character in many):
            # A name in another script leaves nothing that GraphQL allows.
            many = f"{one}s"
    return one, f"{one}List" if many == one else many


class Roots:
    """All root fields of one schema, and the types that they reach."""

    def __init__(self, options: Options, diagnostics: Diagnostics) -> None:
        self._options = options
        self._diagnostics = diagnostics
        self.enums = Enums(options)
        self.types = ObjectTypes(options, self.enums, diagnostics)
        self._schemas = JsonSchemas(self.enums)
        self._pages = Pages(self._schemas)
        self._any_client = AnyClient()
        self._inputs: dict[tuple[str, Item], InputShape] = {}
        self._roots: dict[str, Root] = {}
        self.unsure: list[TypeRef] = []

    @property
    def all(self) -> list[Root]:
        """Every root field, by name."""
        return [self._roots[name] for name in sorted(self._roots)]

    def add(self, registration: Registration, endpoint: Endpoint) -> None:
        """Add the root field of an endpoint, or report why it has none.

        Raises SchemaError where another view has that root field already.
        """
        one, many = root_names(registration, endpoint)
        name = many if endpoint.action == "list" else one
        other = self._roots.get(name)
        if other is not None:
            views = sorted((path_of(other.endpoint.view), path_of(endpoint.view)))
            raise SchemaError(
                f"[{' and '.join(views)}] both give the root field {name!r};"
                " name one of them: register(view, name=...)"
            )
        root = self._guarded(lambda: self._root(name, one, endpoint), endpoint)
        if root is not None:
            self._roots[name] = root

    def _root(self, name: str, one: str, endpoint: Endpoint) -> Root | None:
        probed = probe(endpoint, self._diagnostics)
        serializer = probed.serializer()
        if serializer is None:
            return None
        compare(probed.view, self._options, self._diagnostics)
        base = naming.pascal(one)
        is_list = endpoint.action == "list"
        given = self._given(probed, serializer, base)
        rows = given if is_list and isinstance(given, ListOf) else None
        item = rows.item if rows is not None else given
        if probed.is_dynamic:
            self.unsure.append(item)
        parameters = _NOTHING_TO_ASK
        if is_list:
            parameters = list_parameters(
                probed, self._filter_context(probed, base), self.types.sample(item)
            )
        page = self._page(probed, rows or item, base) if is_list else None
        return Root(name, base, endpoint, item, rows, page, parameters)

    def _given(self, probed: ProbedView, serializer: Any, base: str) -> TypeRef:
        """Return the type of what a view gives, whoever asks."""
        wish = f"{base}List" if probed.endpoint.action == "list" else base
        given = self.types.root(serializer, probed.place, wish, probed.annotations())
        if not probed.is_dynamic:
            return given
        others = [each.quietly() for each in probes(probed.endpoint, self._diagnostics)]
        all_types = [given] + [
            self.types.of(other, probed.place).type
            for other in others[1:]
            if isinstance(other, BaseSerializer)
        ]
        told = probed.response()
        if told is not None:
            is_list = probed.endpoint.action == "list"
            all_types.append(self.types.answer(told, probed.place, base, is_list=is_list))
        if all(isinstance(each, ListOf) for each in all_types):
            items = [each.item for each in all_types if isinstance(each, ListOf)]
            return ListOf(self._any_client.shape(items, base), item_non_null=True)
        return self._any_client.shape(all_types, base)

    def _filter_context(self, probed: ProbedView, base: str) -> FilterContext:
        return FilterContext(
            model=probed.endpoint.model,
            base=base,
            place=probed.place,
            enums=self.enums,
            options=self._options,
            diagnostics=self._diagnostics,
            hints=self.types.hints,
            schemas=self._schemas,
            inputs=self._inputs,
        )

    def _page(self, probed: ProbedView, rows: TypeRef, base: str) -> tuple[ObjectShape, str] | None:
        return self._pages.shape(probed, rows, base) if paginates(probed.view.paginator) else None

    def _guarded(self, make: Callable[[], _Made | None], endpoint: Endpoint) -> _Made | None:
        try:
            return make()
        except Exception as error:  # a project's view may do anything
            self._diagnostics.add(
                NOT_BUILT,
                place_of(endpoint.view),
                f"the view cannot be read ({type(error).__name__}: {error})",
                "let it work when its `swagger_fake_view` is set",
            )
            return None
