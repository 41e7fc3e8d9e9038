"""The arguments of a root field: named, in their order, and the RootField that takes them back to
the view.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from graphql import BooleanValueNode, ConstValueNode

from gql_live.schema_builder import naming
from gql_live.schema_builder.inputs import Operation, RootField, paths
from gql_live.schema_builder.options import Options
from gql_live.schema_builder.roots import Root
from gql_live.schema_builder.shapes import (
    BOOLEAN,
    QUERY_PARAMS,
    InputShape,
    TypeRef,
)
from gql_live.schema_builder.url_arguments import url_arguments

_FALSE = BooleanValueNode(value=False)


@dataclass(frozen=True)
class Argument:
    """An argument as the schema shows it."""

    name: str
    type: TypeRef | InputShape
    non_null: bool = False
    default: ConstValueNode | None = None
    description: str = ""


@dataclass(frozen=True)
class Field:
    """A root field with its arguments."""

    root: Root
    root_field: RootField
    arguments: tuple[Argument, ...]


def fields(root: Root, options: Options) -> Iterator[Field]:
    """Give the Query field and the Subscription field of an endpoint."""
    yield _field(root, "query", options)
    yield _field(root, "subscription", options)


def _field(root: Root, operation: Operation, options: Options) -> Field:
    parameters = root.parameters.rows
    if operation == "query":
        # In what order and portion says nothing about which rows change.
        parameters += root.parameters.portion
    from_url = list(url_arguments(root.endpoint, options))
    wished = [name for name, _kwarg, _type in from_url]
    wished += [parameter.name for parameter in parameters]
    wished += ["query_params", "snapshot"]
    names = naming.spelled(wished, options.case)
    url_names, names = names[: len(from_url)], names[len(from_url) :]
    named = tuple(
        replace(each, name=name) for name, each in zip(names[:-2], parameters, strict=True)
    )
    query_params, snapshot = names[-2:]
    arguments = [
        Argument(name, scalar, non_null=True)
        for name, (_, _, scalar) in zip(url_names, from_url, strict=True)
    ]
    arguments += [
        Argument(each.name, each.type, each.required, description=each.description)
        for each in named
    ]
    arguments.append(Argument(query_params, QUERY_PARAMS))
    if operation == "subscription":
        arguments.append(Argument(snapshot, BOOLEAN, True, _FALSE))
    root_field = RootField(
        operation=operation,
        name=root.name,
        endpoint=root.endpoint,
        url_kwargs={name: kwarg for name, (_, kwarg, _) in zip(url_names, from_url, strict=True)},
        parameters=named,
        query_params_name=query_params,
        snapshot_name=snapshot,
        arguments_by_param=dict(paths(named)),
    )
    return Field(root, root_field, tuple(arguments))
