"""A list's parameters, as its filter backends and its paginator read them from the query string."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from rest_framework.filters import OrderingFilter, SearchFilter

from gql_live.schema_builder import naming
from gql_live.schema_builder.descriptions import text
from gql_live.schema_builder.diagnostics import UNKNOWN_FILTER
from gql_live.schema_builder.filter_types import FilterContext
from gql_live.schema_builder.filters import filter_parameters
from gql_live.schema_builder.inputs import joined, repeated, single
from gql_live.schema_builder.options import Options
from gql_live.schema_builder.probe import ProbedView
from gql_live.schema_builder.shapes import (
    JSON,
    STRING,
    EnumMember,
    EnumShape,
    InputShape,
    ListOf,
    Parameter,
    Scalar,
)


@dataclass(frozen=True)
class ListParameters:
    """``rows``: what says *which* rows. ``portion``: what says in what order, and how many."""

    rows: tuple[Parameter, ...] = ()
    portion: tuple[Parameter, ...] = ()


def list_parameters(probed: ProbedView, context: FilterContext, sample: Any) -> ListParameters:
    """Return the parameters of a list view; a filter that cannot be read is reported.

    ``sample``: a serializer of its rows, if there is one.
    """
    if sample is not None:
        # The ordering filter asks for the fields; making them anew is half of its time.
        view: Any = probed.view
        view.get_serializer_class = lambda: lambda **_: sample
    members: list[Parameter] = []
    rows: list[Parameter] = []
    portion: list[Parameter] = []
    for backend in probed.view.filter_backends:
        try:
            if issubclass(backend, SearchFilter):
                rows.extend(_search(backend, probed))
            elif issubclass(backend, OrderingFilter):
                portion.extend(_ordering(backend, probed, context.base))
            elif hasattr(backend, "get_filterset_class"):
                members.extend(filter_parameters(backend, probed.view, context))
            else:
                members.extend(_declared(backend(), probed, context))
        except Exception as error:  # a project's filter may do anything
            context.diagnostics.add(
                UNKNOWN_FILTER,
                probed.place,
                f"the arguments of {getattr(backend, '__name__', backend)} cannot be read"
                f" ({type(error).__name__}: {error}); they are left to query_params",
                "mend the filter, or leave it so",
            )
    if members:
        rows.insert(0, _filter(members, context.base, context.options))
    paginator = probed.view.paginator
    portion.extend(_limited(each, paginator) for each in _declared(paginator, probed, context))
    return ListParameters(tuple(rows), tuple(portion))


def _filter(wished: Iterable[Parameter], base: str, options: Options) -> Parameter:
    """Return the one argument that holds all filters as members."""
    wished = list(wished)
    names = naming.spelled([each.name for each in wished], options.case)
    members = tuple(replace(each, name=name) for name, each in zip(names, wished, strict=True))
    required = any(member.required for member in members)
    return Parameter("filter", InputShape((f"{base}Filter",), members), None, (), required)


def _search(backend: Any, probed: ProbedView) -> Iterator[Parameter]:
    search = backend()
    # Without search fields DRF ignores the parameter.
    if search.get_search_fields(probed.view, probed.request):
        param = search.search_param
        yield Parameter("search", STRING, single(param), ((param, ""),))


def _ordering(backend: Any, probed: ProbedView, base: str) -> Iterator[Parameter]:
    """Give the ordering argument: DRF ignores any other term, an enum says which there are."""
    ordering = backend()
    context = {"request": probed.request, "view": probed.view}
    valid = ordering.get_valid_fields(probed.queryset, probed.view, context)
    terms = [
        (naming.enum_member(str(term)) + suffix, f"{sign}{term}")
        for term, _label in valid
        for suffix, sign in (("", ""), ("_DESC", "-"))
    ]
    if terms:
        names = naming.distinct(name for name, _term in terms)
        members = (EnumMember(name, term) for name, (_, term) in zip(names, terms, strict=True))
        of_terms = ListOf(EnumShape((f"{base}Ordering",), tuple(members)), item_non_null=True)
        param = ordering.ordering_param
        yield Parameter("ordering", of_terms, joined(param), ((param, ""),))


def _declared(owner: Any, probed: ProbedView, context: FilterContext) -> Iterator[Parameter]:
    """Give what a paginator or another filter backend declares as OpenAPI parameters."""
    read = getattr(owner, "get_schema_operation_parameters", None)
    for each in read(probed.view) if read else ():
        if each.get("in") == "query":
            yield _open_api(each, context)


_PORTIONS = {"limit_query_param": "max_limit", "page_size_query_param": "max_page_size"}


def _limited(parameter: Parameter, paginator: Any) -> Parameter:
    """Say of the size of a portion how great it may be: a paginator gives no more."""
    for param, limit in _PORTIONS.items():
        most = getattr(paginator, limit, None)
        if most is not None and parameter.name == getattr(paginator, param, None):
            return replace(parameter, description=f"{parameter.description} At most {most}.")
    return parameter


def _open_api(given: Mapping[str, Any], context: FilterContext) -> Parameter:
    name = given["name"]
    found = context.schemas.type_of(
        given.get("schema") or {}, (f"{context.base}Filter{naming.pascal(name)}",)
    )
    many = isinstance(found, ListOf)
    item = found.item if isinstance(found, ListOf) else found
    if not isinstance(item, (EnumShape, Scalar)) or item == JSON:
        item = STRING
    # By default OpenAPI repeats the key for each item of an array.
    encode = (repeated if given.get("explode", True) else joined)(name) if many else single(name)
    return Parameter(
        name,
        ListOf(item, item_non_null=True) if many else item,
        encode,
        ((name, ""),),
        bool(given.get("required")),
        text(given.get("description")),
    )
