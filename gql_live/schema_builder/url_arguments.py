"""Arguments that go into the URL: the lookup, and the kwargs of nested routes (SCHEMA 11)."""

from collections.abc import Iterator, Mapping

from gql_live.schema_builder import columns
from gql_live.schema_builder.endpoints import Endpoint
from gql_live.schema_builder.options import Options
from gql_live.schema_builder.routes import UrlKwarg
from gql_live.schema_builder.shapes import ID, INT, STRING, UUID, Scalar
from gql_live.schema_builder.sources import query_path

_BY_CONVERTER = {"Int": INT, "UUID": UUID, "String": STRING, "Slug": STRING, "Path": STRING}


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


def _parent_paths(endpoint: Endpoint) -> Mapping[str, str]:
    """Return what drf-nested-routers knows: kwarg to the path of the parent's key."""
    view = endpoint.view
    for owner in (view, getattr(view, "serializer_class", None)):
        paths: Mapping[str, str] = getattr(owner, "parent_lookup_kwargs", {})
        if paths:
            return paths
    return {}


def _paths(name: str, endpoint: Endpoint) -> Iterator[str]:
    """Give the query paths that a URL kwarg may stand for, the surest first.

    As drf-nested-routers is told, as drf-extensions spells it (``parent_lookup_shelf__code``), as
    the model does, or a relation and a column of its row (``shelf_pk``, ``shelf_code``).
    """
    told = _parent_paths(endpoint).get(name)
    if told is not None:
        yield told
    plain = name.removeprefix("parent_lookup_")
    yield plain
    steps = plain.split("_")
    for index in range(len(steps) - 1, 0, -1):
        yield "_".join(steps[:index]) + "__" + "_".join(steps[index:])


def _column(name: str, endpoint: Endpoint) -> columns.ModelField | None:
    """Return the column that a URL kwarg is compared with, as far as its name tells."""
    for path in _paths(name, endpoint):
        field, left_over = query_path(endpoint.model, path)
        if field is not None and not left_over:
            return field
    return None


def _url_type(kwarg: UrlKwarg, endpoint: Endpoint, options: Options) -> Scalar:
    """Return the type of a URL kwarg: a key is an ``ID``, what nothing is known of is too (it
    takes 1 and "1").
    """
    known = _column(kwarg.name, endpoint)
    if known is not None and columns.is_key(known):
        return ID if options.pk == "id" else columns.given(known)
    if kwarg.name.endswith(("pk", "_id")) or kwarg.name == "id":
        return ID
    if kwarg.kind != "regex":
        return _BY_CONVERTER.get(kwarg.kind, STRING)
    if kwarg.pattern.pattern in (r"\d+", "[0-9]+"):
        return INT
    return STRING if known is not None and columns.given(known) is STRING else ID
