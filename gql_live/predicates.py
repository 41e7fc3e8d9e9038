"""What a queryset asks, read from the query that Django has built: which rows it can show at all,
and whether another queryset asks the same.

No query is run. Django's own classes alone are understood; whatever else stands in a query is no
condition, and makes its question nobody else's.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, reduce
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import BooleanField, Field, Lookup, Model, Prefetch, QuerySet
from django.db.models import Value as ModelValue
from django.db.models.expressions import Col
from django.db.models.sql import Query
from django.db.models.sql.datastructures import BaseTable
from django.db.models.sql.where import AND, OR, NothingNode, WhereNode
from django.utils.hashable import make_hashable

from gql_live.changes import Value
from gql_live.reach import Condition
from gql_live.routing import UnroutableError, routing_columns, routing_value

NOTHING: Final = Condition("", frozenset())
"""The condition of a queryset that can show no row whatever the tables hold."""

_COMPARES_BYTES: Final = frozenset({"postgresql", "sqlite"})
"""Vendors to which two texts are equal only where Python says so, too."""

_GUESSED_ROWS: Final = 1_000
"""Different values of a column that names neither a truth nor a choice."""

_CONVERTING: Final = frozenset({"convert_value", "get_db_converters"})
_DJANGOS_OWN: Final = frozenset(vars(QuerySet()))
_MOST_SHAPES: Final = 1_000
_shapes: "dict[Hashable, tuple[str, Narrowed | None]]" = {}

_Held = Mapping[str, frozenset[Value]]
"""What every row that passes holds, by column; where it is None, no row passes."""

_ANYTHING: Final[_Held | None] = {}


def conditions_of(queryset: QuerySet[Any]) -> tuple[Condition, ...]:
    """What each row that ``queryset`` shows holds in routing columns of its model's own table, the
    condition that few rows meet first; at most one a column.

    All of them are necessary, none is sufficient. ``(NOTHING,)`` where no row can be shown, an
    empty tuple where any row may be.
    """
    query = queryset.query
    # The parts of a union stand elsewhere, and its own WHERE is a leftover of the first.
    if type(query) is not Query or query.combinator:
        return ()
    table = _own_table(queryset.model, query)
    compares_bytes = connections[queryset.db].vendor in _COMPARES_BYTES
    columns = routing_columns(queryset.model._meta.concrete_model)
    held = _Reader(table, columns, compares_bytes).held(query.where)
    if held is None:
        return (NOTHING,)
    conditions = [Condition(column, values) for column, values in held.items()]
    return tuple(sorted(conditions, key=lambda each: (_share(columns, each), each.column)))


def _own_table(model: type[Model], query: "Query") -> str | None:
    """The alias under which the query reads the model's own table; None where it reads none yet."""
    # Not query.base_table: asked for too early, it keeps None and the query compiles no more.
    alias, base = next(iter(query.alias_map.items()), (None, None))
    own = isinstance(base, BaseTable) and base.table_name == model._meta.db_table
    return alias if own else None


def _share(columns: Mapping[str, "Field[Any, Any]"], condition: Condition) -> float:
    """The share of all rows that meets a condition, as it is guessed. Many rows hold nothing."""
    field, values = columns[condition.column], condition.values
    if isinstance(field, BooleanField) or None in values:
        return len(values) / 2
    return len(values) / (len(field.flatchoices) or _GUESSED_ROWS)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads what a WHERE clause demands of the columns of one table."""

    table: str | None
    columns: Mapping[str, "Field[Any, Any]"]
    compares_bytes: bool

    def held(self, node: object) -> _Held | None:
        if type(node) is WhereNode and not node.negated:
            branches = [self.held(child) for child in node.children]
            if node.connector == AND:
                return reduce(_both, branches, _ANYTHING)
            if node.connector == OR and branches:
                return _either(branches)
        elif isinstance(node, NothingNode):
            return None
        elif isinstance(node, Lookup) and type(node).__module__.startswith("django.db.models."):
            return self._compared(node)
        return _ANYTHING

    def _compared(self, lookup: "Lookup[Any]") -> _Held | None:
        field = self._column(lookup.lhs)
        if field is None:
            return _ANYTHING
        match lookup.lookup_name, lookup.rhs:
            case "isnull", True:
                return {field.attname: frozenset({None})}
            case "exact", value:
                compared = [value]
            case "in", list(values):
                compared = [value for value in values if value is not None]  # as Django does
            case _:
                return _ANYTHING
        try:
            routed = frozenset(self._routed(field, value) for value in compared)
        except UnroutableError:
            return _ANYTHING
        return {field.attname: routed} if routed else None

    def _column(self, expression: object) -> "Field[Any, Any] | None":
        if type(expression) is not Col or expression.alias != self.table:
            return None
        field = self.columns.get(expression.target.attname)
        return field if field == expression.target else None

    def _routed(self, field: "Field[Any, Any]", value: object) -> Value:
        if isinstance(value, str):
            if not self.compares_bytes:
                raise UnroutableError(f"{value!r} in {field}")
            value = str.__str__(value)  # what a member of an enumeration is to the database
        return routing_value(field, value)


def _both(one: _Held | None, other: _Held | None) -> _Held | None:
    if one is None or other is None:
        return None
    both = {**one, **other}
    both.update({column: one[column] & other[column] for column in one.keys() & other.keys()})
    return both if all(both.values()) else None


def _either(branches: Iterable[_Held | None]) -> _Held | None:
    possible = [branch for branch in branches if branch is not None]
    if not possible:
        return None
    columns = set.intersection(*(set(branch) for branch in possible))
    return {
        column: frozenset[Value]().union(*(branch[column] for branch in possible))
        for column in columns
    }


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A question narrowed to one row: SQL whose parameters are the question's, and the row's key at
    ``place`` among them.
    """

    sql: str
    place: int


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a queryset asks. Querysets of equal fingerprints show the same rows at any one moment,
    with the same related rows fetched along.

    ``using`` is the alias of the database. ``rest`` decides what Python makes of the rows.
    ``private``: of this queryset nobody can say what decides that, so its fingerprint equals no
    other. ``arguments`` are the parameters as a cursor takes them. ``narrowed`` is None where a
    narrower question has another answer (a slice, a union, ``DISTINCT ON``, a filter by a window),
    and of an empty queryset, whose ``sql`` is empty.
    """

    sql: str
    params: tuple[Hashable, ...]
    using: str
    rest: tuple[Hashable, ...] = ()
    private: bool = False
    arguments: tuple[Any, ...] = field(default=(), compare=False, repr=False)
    narrowed: Narrowed | None = field(default=None, compare=False, repr=False)


def fingerprint(queryset: QuerySet[Any]) -> Fingerprint:
    """What ``queryset`` asks. Raises what reading it would raise while its SQL is made."""
    using = queryset.db
    try:
        sql, arguments = _compiled(queryset, using)
    except EmptyResultSet:
        return Fingerprint("", (), using)
    sql, narrowed = _narrowed(queryset, using, sql, arguments)
    try:
        params = tuple(map(_alike, arguments))
        rest = (*map(type, arguments), *_rest(queryset))
        hash((params, rest))
        private = False
    except TypeError:  # the way in which Python says that something is not hashable
        params, rest, private = (), (object(),), True
    return Fingerprint(sql, params, using, rest, private, arguments, narrowed)


def _compiled(queryset: QuerySet[Any], using: str) -> tuple[str, tuple[Any, ...]]:
    """The SQL, without an order that names alone tell: that is half of the work, and it stands in
    ``rest``.
    """
    # Compiling counts references in the query, and another thread may hold the same one.
    query = queryset.query.clone()
    if _named_order(query) is not None:
        query.clear_ordering(force=True)
    sql, arguments = query.get_compiler(using).as_sql()
    return sql, tuple(arguments)


def _named_order(query: Any) -> tuple[Hashable, ...] | None:
    """The names of columns by which rows are ordered; None where there is more to it, or where the
    order decides which rows there are.
    """
    if query.is_sliced or query.combinator or query.distinct or query.group_by is not None:
        return None
    if query.annotations or query.extra or query._filtered_relations:  # noqa: SLF001
        return None  # a name may be one of theirs
    names = (*query.order_by, *query.extra_order_by, *query.get_meta().ordering)
    if not all(type(name) is str for name in names):
        return None
    return query.order_by, query.extra_order_by, query.default_ordering, query.standard_ordering


# --- what stands beside the SQL ---


def _rest(queryset: QuerySet[Any]) -> tuple[Hashable, ...]:
    """All but the SQL that decides what a queryset gives. Raises ``TypeError`` where that cannot be
    compared.
    """
    state = vars(queryset)
    if state["_result_cache"] is not None:
        raise TypeError("The rows are here already, and may carry what somebody has added to them.")
    own = tuple((name, value) for name, value in state.items() if name not in _DJANGOS_OWN)
    related = state["_known_related_objects"].items()
    return (
        queryset.model,
        type(queryset),
        state["_iterable_class"],
        state["_fields"],
        own,
        _named_order(queryset.query),
        *map(_conversion, queryset.query.annotation_select.items()),
        tuple(map(_prefetched, state["_prefetch_related_lookups"])),
        *((relation, *map(_content, instances.values())) for relation, instances in related),
    )


def _conversion(annotation: tuple[str, Any]) -> Hashable:
    """What Python makes of an annotation. Its SQL does not tell an integer from a float of it."""
    name, expression = annotation
    kind: Any = type(expression)
    if not _converts_as_django_does(kind):
        raise TypeError(f"What {kind} makes of a value is not known.")
    converter = getattr(expression, "_output_field_or_none", None)
    if converter is None:
        return name, type(expression)
    if hasattr(converter, "model"):
        return name, type(expression), converter
    _, path, args, kwargs = converter.deconstruct()
    return name, type(expression), path, make_hashable(args), make_hashable(kwargs)


@cache
def _converts_as_django_does(expression: Any) -> bool:
    return all(
        owner.__module__.startswith("django.")
        for owner in expression.__mro__
        if not vars(owner).keys().isdisjoint(_CONVERTING)
    )


def _prefetched(lookup: "str | Prefetch[Any]") -> Hashable:
    if isinstance(lookup, str):
        return lookup
    if not type(lookup).__module__.startswith("django."):
        raise TypeError(f"What {type(lookup)} fetches is not known.")
    # Django 5.0 has a prefetch with one queryset for each model of a generic relation.
    querysets = getattr(lookup, "querysets", (lookup.queryset,))
    asked = tuple(fingerprint(each) for each in querysets if each is not None)
    if any(each.private for each in asked):
        raise TypeError("Related rows that are fetched along are nobody else's.")
    return type(lookup), lookup.prefetch_through, lookup.prefetch_to, lookup.to_attr, asked


def _content(instance: Any, path: tuple[Any, ...] = ()) -> Hashable:
    """What is loaded of a related row that the queryset gives to each of its rows, and of the rows
    that hang on it.
    """
    if not isinstance(instance, Model):
        return instance  # type: ignore[no-any-return]
    for place, each in enumerate(path):
        if each is instance:
            return place
    state = vars(instance)
    along = tuple(
        (name, _content(each, (*path, instance)))
        for name, each in state["_state"].fields_cache.items()
    )
    return (type(instance), along, *(item for item in state.items() if item[0] != "_state"))


def _alike(parameter: Any) -> Hashable:
    """What is equal for two parameters of one type if they are the same to the database."""
    if isinstance(parameter, list | tuple):
        return tuple((type(each), _alike(each)) for each in parameter)
    if isinstance(parameter, float | Decimal):
        return repr(parameter)  # 1.0 is not 1.00 to a database
    if hasattr(parameter, "dumps") and hasattr(parameter, "obj"):  # psycopg's JSON
        return repr(parameter.obj), parameter.dumps
    return parameter  # type: ignore[no-any-return]


# --- narrowing ---


class _Key(ModelValue):
    """Takes the place of a row's key in SQL: the parameter there is this object."""

    def as_sql(self, *_: Any, **__: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)


def _narrowed(
    queryset: QuerySet[Any], using: str, sql: str, arguments: tuple[Any, ...]
) -> tuple[str, Narrowed | None]:
    """The question for one row, and ``sql`` as one object for all that ask in the same words.

    The same words for one question are the same for the next, so they are found once.
    """
    shape = (using, queryset.model, type(queryset), sql)
    found = _shapes.get(shape)
    if found is None:
        if len(_shapes) >= _MOST_SHAPES:
            _shapes.clear()
        found = _shapes[shape] = (sql, _narrow(queryset, using, arguments))
    return found


def _narrow(queryset: QuerySet[Any], using: str, arguments: tuple[Any, ...]) -> Narrowed | None:
    query = queryset.query
    if query.is_sliced or query.combinator or query.distinct_fields:
        return None
    if query.where.contains_over_clause or getattr(queryset.model._meta, "is_composite_pk", False):
        return None
    try:
        sql, narrowed = _compiled(queryset.filter(pk=_Key(0)), using)
    except Exception:  # a project's own filter() may refuse in any way
        return None
    places = [place for place, each in enumerate(narrowed) if isinstance(each, _Key)]
    if len(places) != 1:
        return None
    (place,) = places
    others = (*narrowed[:place], *narrowed[place + 1 :])
    same = [*map(_alike, others)] == [*map(_alike, arguments)]
    return Narrowed(sql, place) if same else None
