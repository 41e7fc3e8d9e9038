"""What a document and a client may cost: how deep, how much, how often. Sans-I/O.

A document is measured as it executes, with its fragments spread: a few nested fragments of two
aliases each would otherwise select a million fields.
"""

from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
)

from gql_live.adapters.protocol import Close, CloseCode


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """``depth``: fields within fields. ``aliases``: aliased fields. ``root_fields``: fields of the
    operation itself. Each counts for one operation, fragments spread.
    """

    depth: int
    aliases: int
    root_fields: int

    def rule(self) -> type[ValidationRule]:
        """The limits as a validation rule."""
        limits = self

        class DocumentLimitsRule(_MeasuringRule):
            def __init__(self, context: ValidationContext) -> None:
                super().__init__(context, limits)

        return DocumentLimitsRule


@dataclass(frozen=True, slots=True)
class _Measure:
    depth: int = 0
    aliases: int = 0
    fields: int = 0


class _MeasuringRule(ValidationRule):
    def __init__(self, context: ValidationContext, limits: DocumentLimits) -> None:
        super().__init__(context)
        self._limits = limits
        self._fragments: dict[str, _Measure] = {}

    def enter_operation_definition(self, node: OperationDefinitionNode, *_arguments: Any) -> None:
        """Measure an operation (called by the visitor)."""
        measure = self._measure(node.selection_set)
        for name, value, limit in (
            ("is nested", measure.depth, self._limits.depth),
            ("has aliases", measure.aliases, self._limits.aliases),
            ("has root fields", measure.fields, self._limits.root_fields),
        ):
            if value > limit:
                said = f"The operation {name} beyond the limit of {limit}."
                self.report_error(GraphQLError(said, node))

    def _measure(self, selections: SelectionSetNode) -> _Measure:
        depth = aliases = fields = 0
        for measure in self._measures(selections):
            depth = max(depth, measure.depth)
            aliases += measure.aliases
            fields += measure.fields
        return _Measure(depth, aliases, fields)

    def _measures(self, selections: SelectionSetNode) -> Iterator[_Measure]:
        for node in selections.selections:
            if isinstance(node, FieldNode):
                below = self._measure(node.selection_set) if node.selection_set else _Measure()
                aliased = 1 if node.alias else 0
                yield _Measure(below.depth + 1, below.aliases + aliased, 1)
            elif isinstance(node, InlineFragmentNode):
                yield self._measure(node.selection_set)
            elif isinstance(node, FragmentSpreadNode):
                yield self._measure_fragment(node.name.value)

    def _measure_fragment(self, name: str) -> _Measure:
        if name not in self._fragments:
            # A fragment that spreads itself is another rule's finding; here it must end.
            self._fragments[name] = _Measure()
            fragment = self.context.get_fragment(name)
            if fragment is not None:
                self._fragments[name] = self._measure(fragment.selection_set)
        return self._fragments[name]


class ConnectionCount:
    """How many connections each user has, up to ``most``. Whoever is unknown is not counted."""

    def __init__(self) -> None:
        self._users: dict[object, Hashable] = {}
        self._counts: Counter[Hashable] = Counter()

    def enter(self, connection: object, user: Hashable | None, most: int) -> bool:
        """Count a connection. False, and nothing counted, where the user has enough."""
        if user is None:
            return True
        if self._counts[user] >= most:
            return False
        self._counts[user] += 1
        self._users[connection] = user
        return True

    def leave(self, connection: object) -> None:
        """Count a connection no more; harmless for one that was not counted."""
        user = self._users.pop(connection, None)
        if user is not None:
            self._counts -= Counter([user])


class MessageLimits:
    """How much one client may say: bytes in a message, and messages a second.

    As many messages as a second allows may come at once. It knows no clock: the time is told, in
    seconds.
    """

    def __init__(self, *, size: int, rate: float, now: float) -> None:
        self._size = size
        self._rate = rate
        self._left = rate
        self._then = now

    def fault(self, message: str | bytes, now: float) -> Close | None:
        """How to close the connection of who sent this message; None where it may."""
        if self._is_too_long(message):
            return Close(
                CloseCode.MESSAGE_TOO_BIG, f"Message too big: more than {self._size} bytes"
            )
        self._left = min(self._rate, self._left + (now - self._then) * self._rate)
        self._then = now
        if self._left < 1:
            return Close(
                CloseCode.POLICY_VIOLATION, f"Too many messages: more than {self._rate} a second"
            )
        self._left -= 1
        return None

    def _is_too_long(self, message: str | bytes) -> bool:
        # A character is one byte at least and four at most: few texts have to be encoded to know.
        if len(message) * 4 <= self._size:
            return False
        encoded = message.encode(errors="replace") if isinstance(message, str) else message
        return len(encoded) > self._size
