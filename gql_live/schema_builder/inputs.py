"""What a root field asks of its view: GraphQL arguments back to URL kwargs and a query string."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from graphql import Undefined

from gql_live.schema_builder.endpoints import Endpoint
from gql_live.schema_builder.routes import UrlKwarg
from gql_live.schema_builder.shapes import InputShape, Parameter

Operation = Literal["query", "subscription"]


class UnroutableError(Exception):
    """No URL has this value in this place: REST would answer 404."""

    def __init__(self, argument: str, value: Any) -> None:
        super().__init__(f"The argument {argument!r} cannot be {value!r}.")
        self.argument = argument
        self.value = value


class InvalidArgumentError(Exception):
    """The value cannot be written in a query string; ``message`` is for the client."""

    def __init__(self, argument: str, message: str) -> None:
        super().__init__(f"{argument}: {message}")
        self.argument = argument
        self.message = message


@dataclass(frozen=True)
class ViewInput:
    """What a view is asked for; two equal inputs ask the same.

    ``kwargs``: sorted by name, values as the URL converter hands them to the view. ``params``:
    query string pairs sorted by key, the values of one key in the client's order.
    """

    kwargs: tuple[tuple[str, Any], ...]
    params: tuple[tuple[str, str], ...]
    snapshot: bool = False


@dataclass(frozen=True, eq=False)
class RootField:
    """One field of Query or Subscription.

    ``url_kwargs``: GraphQL argument to URL kwarg. ``parameters``: the arguments that become query
    parameters. ``arguments_by_param``: query parameter to the argument's path as the client wrote
    it, for error messages.
    """

    operation: Operation
    name: str
    endpoint: Endpoint
    url_kwargs: Mapping[str, UrlKwarg] = field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()
    query_params_name: str = "query_params"
    snapshot_name: str = "snapshot"
    arguments_by_param: Mapping[str, str] = field(default_factory=dict)

    def view_input(self, arguments: Mapping[str, Any]) -> ViewInput:
        """Return what the view gets for coerced GraphQL arguments.

        Raises UnroutableError for a value that no URL has, InvalidArgumentError for one that no
        query string can express, or that is given twice.
        """
        kwargs = dict(self.endpoint.constants)
        for argument, kwarg in self.url_kwargs.items():
            try:
                kwargs[kwarg.name] = kwarg.read(arguments[argument])
            except ValueError as error:
                raise UnroutableError(argument, arguments[argument]) from error
        return ViewInput(
            kwargs=tuple(sorted(kwargs.items())),
            params=tuple(sorted(self._params(arguments), key=lambda pair: pair[0])),
            snapshot=bool(arguments.get(self.snapshot_name, False)),
        )

    def _params(self, arguments: Mapping[str, Any]) -> list[tuple[str, str]]:
        pairs: list[tuple[str, str]] = []
        for parameter in self.parameters:
            value = arguments.get(parameter.name)
            if value is not None:
                pairs.extend(_pairs(parameter, value, parameter.name))
        given = {key for key, _ in pairs}
        for key, text in query_pairs(arguments.get(self.query_params_name) or {}):
            if key in given:
                raise InvalidArgumentError(
                    self.query_params_name,
                    f"{key!r} is already given by the argument {self.arguments_by_param[key]!r}.",
                )
            pairs.append((key, text))
        return pairs


def _pairs(parameter: Parameter, value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(parameter.type, InputShape) and parameter.encode is None:
        for member in parameter.type.members:
            inner = value.get(member.name)
            if inner is not None:
                yield from _pairs(member, inner, f"{path}.{member.name}")
        return
    encode = parameter.encode or single(parameter.name)
    try:
        yield from encode(value)
    except ValueError as error:
        raise InvalidArgumentError(path, str(error)) from error


def paths(parameters: tuple[Parameter, ...], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Give each query parameter that the arguments may write, with the path of the argument that
    writes it.
    """
    for parameter in parameters:
        path = f"{prefix}{parameter.name}"
        if isinstance(parameter.type, InputShape) and parameter.encode is None:
            yield from paths(parameter.type.members, f"{path}.")
        for param, below in parameter.params:
            yield param, f"{path}.{below}" if below else path


def text(value: Any) -> str:
    """Write one value as a query string has it: ``true``, ``2``, ``low``."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def query_pairs(params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give the pairs of a ``QueryParams`` value: null leaves a key out, a list repeats it."""
    for key, value in params.items():
        for item in value if isinstance(value, (list, tuple)) else (value,):
            # A variable inside of a literal may be given no value.
            if item not in (None, Undefined):
                yield key, text(item)


Encode = Callable[[Any], list[tuple[str, str]]]


def single(param: str) -> Encode:
    """Return an encoder that writes ``param=value``."""
    return lambda value: [(param, text(value))]


def repeated(param: str) -> Encode:
    """Return an encoder that writes ``param=a&param=b``; an empty list leaves the parameter out."""
    return lambda values: [(param, text(value)) for value in values if value is not None]


def joined(param: str) -> Encode:
    """Return an encoder that writes ``param=a,b``, which cannot say an empty list or a value with
    a comma.
    """

    def encode(values: Any) -> list[tuple[str, str]]:
        texts = [text(value) for value in values if value is not None]
        if not texts:
            raise ValueError("An empty list cannot be expressed; leave it out.")
        for each in texts:
            if "," in each or not each:
                raise ValueError(f"{each!r} cannot be expressed: the values are joined by commas.")
        return [(param, ",".join(texts))]

    return encode
