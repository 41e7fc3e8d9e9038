"""A view's arguments: lookup and URL kwargs, filter, search, ordering, pages, and the query
string itself.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from rest_framework.filters import OrderingFilter, SearchFilter

from gql_live.schema_builder import columns, naming
from gql_live.schema_builder.descriptions import text
from gql_live.schema_builder.diagnostics import UNKNOWN_FILTER, Diagnostics
from gql_live.schema_builder.endpoints import Endpoint
from gql_live.schema_builder.filters import FilterContext, filter_parameters
from gql_live.schema_builder.inputs import joined, single
from gql_live.schema_builder.options import Options
from gql_live.schema_builder.probe import ProbedView
from gql_live.schema_builder.routes import UrlKwarg
from gql_live.schema_builder.shapes import (
    BOOLEAN,
    FLOAT,
    ID,
    INT,
    STRING,
    UUID,
    EnumMember,
    EnumShape,
    InputShape,
    ListOf,
    Parameter,
    Scalar,
)
from gql_live.schema_builder.sources import query_path

_BY_CONVERTER = {"Int": INT, "UUID": UUID, "String": STRING, "Slug": STRING, "Path": STRING}
_OPENAPI_TYPES = {"integer": INT, "number": FLOAT, "boolean": BOOLEAN}


@dataclass(frozen=True)
class ListParameters:
    """The parameters of a list: those that say *which* rows, and those that say in what order and
    portion.
    """

    rows: tuple[Parameter, ...]
    portion: tuple[Parameter, ...]


def lookup_argument(endpoint: Endpoint) -> str:
    """Return the argument's name for the lookup: ``id`` for the default lookup, else the view's
    own.
    """
    key = endpoint.model._meta.pk  # Django's documented Model _meta API
    if endpoint.lookup_field in ("pk", "id", key.name):
        return "id"
    return endpoint.lookup_kwarg or endpoint.lookup_field


def url_arguments(endpoint: Endpoint, options: Options) -> Iterator[tuple[str, UrlKwarg, Scalar]]:
    """Give the wished name, the URL kwarg and the type of every argument that goes into the URL."""
    for kwarg in endpoint.kwargs:
        if kwarg.name == endpoint.lookup_kwarg:
            continue
        yield kwarg.name, kwarg, _url_type(kwarg, endpoint, options)
    for kwarg in endpoint.kwargs:
        if kwarg.name == endpoint.lookup_kwarg:
            yield lookup_argument(endpoint), kwarg, _lookup_type(endpoint, options)


def _lookup_type(endpoint: Endpoint, options: Options) -> Scalar:
    if options.pk == "id":
        return ID
    field, _ = query_path(endpoint.model, endpoint.lookup_field)
    return ID if field is None else columns.given(field)


def _url_type(kwarg: UrlKwarg, endpoint: Endpoint, options: Options) -> Scalar:
    """Return the type of a URL kwarg: a key is an ``ID``, what nothing is known of is too (it
    takes 1 and "1").
    """
    parent_paths = getattr(endpoint.view, "parent_lookup_kwargs", {})
    path = parent_paths.get(kwarg.name, kwarg.name.removeprefix("parent_lookup_"))
    field, left_over = query_path(endpoint.model, path)
    known = None if left_over else field
    if known is not None and columns.is_key(known):
        return ID if options.pk == "id" else columns.given(known)
    if kwarg.name.endswith(("pk", "_id")) or kwarg.name == "id":
        return ID
    if kwarg.kind != "regex":
        return _BY_CONVERTER.get(kwarg.kind, STRING)
    if kwarg.pattern.pattern in (r"\d+", "[0-9]+"):
        return INT
    return STRING if known is not None and columns.given(known) is STRING else ID


def list_parameters(probed: ProbedView, context: FilterContext, sample: Any) -> ListParameters:
    """Return the parameters of a list view, as its filter backends and its paginator read them.

    ``sample``: a serializer of its rows, if there is one.
    """
    if sample is not None:
        # The ordering filter asks for the fields; making them anew is half of its time.
        view: Any = probed.view
        view.get_serializer_class = lambda: lambda **_: sample
    rows: list[Parameter] = []
    portion: list[Parameter] = []
    members: list[Parameter] = []
    for backend in probed.view.filter_backends:
        try:
            members.extend(filter_parameters(backend, probed.view, context))
            rows.extend(_search(backend, probed))
            portion.extend(_ordering(backend, probed, context.base))
        except Exception as error:  # a project's filter may do anything
            _report(backend, error, probed.diagnostics, probed)
    if members:
        rows.insert(0, _filter(members, context.base, context.options))
    return ListParameters(tuple(rows), (*portion, *_pages(probed)))


def _report(backend: Any, error: Exception, diagnostics: Diagnostics, probed: ProbedView) -> None:
    diagnostics.add(
        UNKNOWN_FILTER,
        probed.place,
        f"the arguments of {getattr(backend, '__name__', backend)} cannot be read"
        f" ({type(error).__name__}: {error}); they are left to query_params",
        "mend the filter, or leave it so",
    )


def _filter(members: Iterable[Parameter], base: str, options: Options) -> Parameter:
    wished = list(members)
    names = naming.distinct(
        naming.camel(naming.sanitize(each.name))
        if options.case == "camel"
        else naming.sanitize(each.name)
        for each in wished
    )
    named = tuple(
        Parameter(name, each.type, each.encode, each.params, each.required, each.description)
        for name, each in zip(names, wished, strict=True)
    )
    shape = InputShape((f"{base}Filter",), named)
    required = any(member.required for member in named)
    return Parameter("filter", shape, None, (), required)


def _search(backend: Any, probed: ProbedView) -> Iterator[Parameter]:
    if isinstance(backend, type) and issubclass(backend, SearchFilter):
        search = backend()
        # Without search fields DRF ignores the parameter.
        if search.get_search_fields(probed.view, probed.request):
            param = search.search_param
            yield Parameter("search", STRING, single(param), ((param, ""),))


def _ordering(backend: Any, probed: ProbedView, base: str) -> Iterator[Parameter]:
    if not (isinstance(backend, type) and issubclass(backend, OrderingFilter)):
        return
    ordering = backend()
    model: Any = probed.endpoint.model
    valid = ordering.get_valid_fields(
        model._default_manager.none(),  # Django's documented name
        probed.view,
        {"request": probed.request, "view": probed.view},
    )
    terms = [str(term) for term, _label in valid]
    if not terms:
        return
    names = naming.distinct(naming.enum_member(term) for term in terms)
    members = [
        EnumMember(name + suffix, sign + term)
        for name, term in zip(names, terms, strict=True)
        for suffix, sign in (("", ""), ("_DESC", "-"))
    ]
    shape = EnumShape((f"{base}Ordering",), tuple(members))
    param = ordering.ordering_param
    of_terms = ListOf(shape, item_non_null=True)
    yield Parameter("ordering", of_terms, joined(param), ((param, ""),))


def _pages(probed: ProbedView) -> Iterator[Parameter]:
    paginator: Any = probed.view.paginator
    read = getattr(paginator, "get_schema_operation_parameters", None)
    for parameter in read(probed.view) if read else ():
        name = parameter["name"]
        scalar = _OPENAPI_TYPES.get(parameter.get("schema", {}).get("type"), STRING)
        description = text(parameter.get("description"))
        yield Parameter(name, scalar, single(name), ((name, ""),), description=description)
