"""Which of many questions show one row, asked of the database together. Blocking.

Questions in the same words are one shape: only their parameters differ. PostgreSQL takes those of
all as arrays and answers in one statement, SQLite a hundred questions at a time. What cannot be
asked so is asked alone, which still spares making its SQL.
"""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from contextlib import nullcontext
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import singledispatch
from math import isfinite
from types import NoneType
from typing import Any, Final
from uuid import UUID

from django.db import DataError, OperationalError, connections, transaction
from django.db.models import Model

from gql_live.members import Key
from gql_live.predicates import Fingerprint, Narrowed

_Question = Sequence[Any]
"""The parameters of one asker, without the row's key."""

_Types = tuple[str | None, ...]
"""Those that PostgreSQL gives to parameters; None where nobody can say."""

_ASKED: Final = "gql_live_asked"
_PLACEHOLDER: Final = re.compile("%[%s]")
_INFERRED: Final = "unknown"
_FLOAT: Final = "float8"
_INTEGERS: Final = {
    "int2": range(-(2**15), 2**15),
    "int4": range(-(2**31), 2**31),
    "int8": range(-(2**63), 2**63),
}
_BOUND_INTEGERS: Final = {"Int2": "int2", "Int4": "int4", "Int8": "int8"}
"""Classes of psycopg in which Django wraps what it compares with a column, and what is bound."""

_PARAMETER_TYPES: Final = """
    SELECT format_type(type, -1)
    FROM pg_prepared_statements, unnest(parameter_types) WITH ORDINALITY AS found(type, place)
    WHERE name = %s ORDER BY place
"""
_MOST_IN_UNION: Final = 100
_MOST_PARAMETERS: Final = 999
_MOST_SHAPES: Final = 1_000

_found_types: dict[Hashable, _Types] = {}


def visible_to(model: type[Model], pk: Key, fingerprints: Sequence[Fingerprint]) -> list[bool]:
    """Whether each question shows the row of ``model`` with this key, at present.

    True, too, where only the whole answer tells (a slice, a union and the like), and where the
    database refuses the question: whoever asks it alone will hear why. Asks on Django's connection
    of the alias, inside the transaction that is open there, if any.
    """
    shown = {each: bool(each.sql) for each in fingerprints}
    shapes: defaultdict[tuple[str, Narrowed], list[Fingerprint]] = defaultdict(list)
    for each in shown:
        if each.narrowed is not None:
            shapes[each.using, each.narrowed].append(each)
    for (using, narrowed), asked in shapes.items():
        shape = _Shape(connections[using], narrowed, model, pk)
        answers = shape.shows([each.arguments for each in asked])
        shown.update(zip(asked, answers, strict=True))
    return [shown[each] for each in fingerprints]


class _Shape:
    """Questions in the same words about one row."""

    def __init__(self, connection: Any, narrowed: Narrowed, model: type[Model], pk: Key) -> None:
        self._connection = connection
        self._narrowed = narrowed
        self._key = model._meta.pk.get_db_prep_value(pk, connection)

    def shows(self, asked: Sequence[_Question]) -> list[bool]:
        """Whether each question shows the row, or may."""
        shown = [True] * len(asked)
        for types, places in self._parts(asked):
            answers = self._answers([asked[place] for place in places], types)
            for place, answer in zip(places, answers, strict=True):
                shown[place] = answer
        return shown

    def _parts(self, asked: Sequence[_Question]) -> Iterable[tuple[_Types, Sequence[int]]]:
        """The places of those that can be asked together, with the types of their parameters where
        the database needs them.
        """
        if self._connection.vendor == "postgresql":
            kinds: defaultdict[_Types, list[int]] = defaultdict(list)
            for place, question in enumerate(asked):
                kinds[tuple(map(self._type_of, question))].append(place)
            return kinds.items()
        most = 1
        if self._connection.vendor == "sqlite":
            parameters = self._connection.features.max_query_params or _MOST_PARAMETERS
            most = max(1, min(_MOST_IN_UNION, parameters // (len(asked[0]) + 1)))
        places = range(len(asked))
        return [((), places[start : start + most]) for start in places[::most]]

    def _type_of(self, parameter: Any) -> str | None:
        name = _type_of(parameter)
        if not self._connection.features.uses_server_side_binding:
            return "numeric" if name == _FLOAT else name  # so is 1.5 where SQL has it
        bound = _BOUND_INTEGERS.get(type(parameter).__name__)
        if bound is None:
            return name
        # The driver cuts off what is more than the class holds.
        return bound if int(parameter) in _INTEGERS[bound] else None

    def _answers(self, part: Sequence[_Question], types: _Types) -> Iterable[bool]:
        try:
            if len(part) > 1 and None not in types:
                shown = self._run(*(self._as_rows(part, types) if types else self._as_union(part)))
                return [place in shown for place in range(len(part))]
        except OperationalError:  # a database in trouble is not asked again and again
            return [True] * len(part)
        except DataError:  # what one of them asks for
            half = len(part) // 2
            return [*self._answers(part[:half], types), *self._answers(part[half:], types)]
        except Exception:  # noqa: S110  # of the driver, too
            pass
        return map(self._alone, part)

    def _alone(self, question: _Question) -> bool:
        try:
            return bool(self._run(*self._as_union([question])))
        except Exception:  # it will be raised again where somebody hears of it
            return True

    def _run(self, sql: str, parameters: Sequence[Any]) -> set[Any]:
        """The first column. A statement that fails leaves an open transaction as it was."""
        connection = self._connection
        inside = connection.in_atomic_block or not connection.get_autocommit()
        savepoint = transaction.atomic(connection.alias) if inside else nullcontext()
        with savepoint, connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return {row[0] for row in cursor.fetchall()}

    # --- one statement for many, which answers with the places of those that show the row ---

    def _as_union(self, part: Sequence[_Question]) -> tuple[str, list[Any]]:
        """The same words for each."""
        nowhere = self._connection.features.bare_select_suffix
        selects = [
            f"SELECT {place}{nowhere} WHERE EXISTS ({self._narrowed.sql})"
            for place in range(len(part))
        ]
        parameters = [each for question in part for each in self._with_key(question, self._key)]
        return " UNION ALL ".join(selects), parameters

    def _as_rows(self, part: Sequence[_Question], types: _Types) -> tuple[str, list[Any]]:
        """The words once, with columns of a table of all parameters in their place."""
        arrays = ", ".join(f"%s::{each}[]" for each in self._inferred(types))
        columns = [f"p{number}" for number in range(len(types))]
        words = self._words([f"{_ASKED}.{column}" for column in columns], "%s")
        table = f"{_ASKED}({', '.join(columns)}, place)"
        arguments = [
            [_plain(each, kind) for each in column]
            for kind, column in zip(types, zip(*part, strict=True), strict=True)
        ]
        return (
            f"SELECT {_ASKED}.place - 1 FROM unnest({arrays}) WITH ORDINALITY AS {table}"  # noqa: S608
            f" WHERE EXISTS ({words})"
        ), [*arguments, self._key]

    def _inferred(self, types: _Types) -> _Types:
        """The types of parameters, with those that PostgreSQL finds by the words around them."""
        shape = (self._connection.alias, self._narrowed, types)
        if _INFERRED in types and shape not in _found_types:
            if len(_found_types) >= _MOST_SHAPES:
                _found_types.clear()
            _found_types[shape] = self._infer(types)
        return _found_types.get(shape, types)

    def _infer(self, types: _Types) -> _Types:
        numbers = [f"${number + 1}" for number in range(len(types) + 1)]
        words = self._words(numbers[:-1], numbers[-1]).replace("%%", "%")
        declared = ", ".join(map(str, (*types, _INFERRED)))
        # In a transaction, because a pooler may give each statement outside of one to another
        # session.
        with transaction.atomic(self._connection.alias), self._connection.cursor() as cursor:
            cursor.execute(f"PREPARE {_ASKED}({declared}) AS SELECT WHERE EXISTS ({words})")
            cursor.execute(_PARAMETER_TYPES, [_ASKED])
            found = tuple(row[0] for row in cursor.fetchall())
            cursor.execute(f"DEALLOCATE {_ASKED}")
        return found[:-1]

    def _words(self, parameters: Sequence[str], key: str) -> str:
        """The SQL with other words in place of its parameters and the key."""
        words = iter(self._with_key(parameters, key))
        return _PLACEHOLDER.sub(
            lambda each: next(words) if each[0] == "%s" else each[0], self._narrowed.sql
        )

    def _with_key(self, parameters: Sequence[Any], key: Any) -> list[Any]:
        place = self._narrowed.place
        return [*parameters[:place], key, *parameters[place:]]


@singledispatch
def _type_of(_: object) -> str | None:
    """The type that PostgreSQL sees in a parameter as Django's drivers send it."""
    return None


_type_of.register(NoneType, lambda _: _INFERRED)
_type_of.register(str, lambda _: _INFERRED)
_type_of.register(bool, lambda _: "boolean")
_type_of.register(Decimal, lambda _: "numeric")
_type_of.register(date, lambda _: "date")
_type_of.register(timedelta, lambda _: "interval")
_type_of.register(UUID, lambda _: "uuid")
_type_of.register(float, lambda value: _FLOAT if isfinite(value) else None)
_type_of.register(time, lambda value: None if value.tzinfo else "time")
_type_of.register(datetime, lambda value: "timestamptz" if value.tzinfo else "timestamp")


@_type_of.register
def _(value: int) -> str:
    number = int(value)  # a range looks through all that it has for an instance of a subclass
    names = (name for name in ("int4", "int8") if number in _INTEGERS[name])
    return next(names, "numeric")


def _plain(parameter: Any, kind: str | None) -> Any:
    """Without the class that a driver or an enumeration adds: an array has one for all."""
    if kind == "numeric" and parameter is not None:
        return Decimal(str(parameter))
    if isinstance(parameter, str):
        return str.__str__(parameter)
    if isinstance(parameter, int) and not isinstance(parameter, bool):
        return int(parameter)
    return parameter
