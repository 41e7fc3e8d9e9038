"""Which audiences a change can concern, found without asking each. Sans-I/O.

An audience whose reach is known stands under the values of one of its conditions: rows that hold
another value there cannot be visible to it. It is concerned by rows that it sees all the same, for
they may have left. An audience without a condition, or of which nothing is known yet, is concerned
by every row of its model. What is not certain concerns.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from gql_live.audience import Audience, Key, Known, Moves
from gql_live.changes import Change, Value
from gql_live.reach import Condition, Path, Reach

_HELD_MOST: Final = 1000
"""Members up to which an audience is found by each; above, it is asked whether it has one."""

_Audiences = dict[Audience, None]


class _Rooted:
    """The audiences whose rows are of one model."""

    def __init__(self) -> None:
        self.watchers: defaultdict[Key, _Audiences] = defaultdict(dict)
        self.open: _Audiences = {}
        self.columns: defaultdict[str, defaultdict[Value, _Audiences]] = defaultdict(
            lambda: defaultdict(dict)
        )
        self.holders: dict[Key, tuple[Audience, ...]] = {}
        self.large: _Audiences = {}

    @property
    def empty(self) -> bool:
        return not (self.watchers or self.open or self.columns or self.holders or self.large)

    def everybody(self) -> Iterator[Audience]:
        for watching in self.watchers.values():
            yield from watching
        yield from self.open
        seen: _Audiences = {}
        for by_value in self.columns.values():
            for audiences in by_value.values():
                seen |= audiences
        yield from seen

    def candidates(self, change: Change) -> Iterator[Audience]:
        pk = change.pk
        assert pk is not None
        yield from self.watchers.get(pk, ())
        yield from self.open
        for column, by_value in self.columns.items():
            held = change.values.get(column)
            if held is None:
                for audiences in by_value.values():
                    yield from audiences
            else:
                for value in held:
                    yield from self._matching(by_value.get(value, ()), change)
        yield from self.holders.get(pk, ())
        yield from (each for each in self.large if pk in (each.known.members or ()))

    def _matching(self, audiences: Iterable[Audience], change: Change) -> Iterator[Audience]:
        for audience in audiences:
            reach = audience.known.reach
            if reach is None or all(_may_hold(each, change) for each in reach.conditions):
                yield audience


class Index:
    """The audiences of one event loop, by what can concern them."""

    def __init__(self) -> None:
        self._rooted: defaultdict[str, _Rooted] = defaultdict(_Rooted)
        self._by_path: defaultdict[Path, _Audiences] = defaultdict(dict)
        self._paths: defaultdict[str, dict[Path, None]] = defaultdict(dict)
        self._membership: defaultdict[str, _Audiences] = defaultdict(dict)
        self._content: defaultdict[str, _Audiences] = defaultdict(dict)

    # --- what stands where ---

    def add(self, audience: Audience) -> None:
        """Take in an audience of which nothing is known."""
        self._take_in(audience, audience.known)

    def place(self, audience: Audience, known: Known, moves: Moves | None) -> None:
        """Make ``known`` what the audience knows. ``moves``: how its members changed, None where
        they are others altogether.
        """
        before, audience.known = audience.known, known
        if before.reach != known.reach or moves is None:
            self._take_out(audience, before)
            self._take_in(audience, known)
        elif moves and _condition(audience, known) is not None:
            self._move(audience, before, known, moves)

    def remove(self, audience: Audience) -> None:
        """Take an audience out."""
        self._take_out(audience, audience.known)

    # --- whom it concerns ---

    def columns(self, model: str) -> Collection[str]:
        """The columns of a model whose values have to be known of a change."""
        rooted = self._rooted.get(model)
        return rooted.columns.keys() if rooted else ()

    def paths(self, model: str) -> Collection[Path]:
        """The paths that a row of a model can stand on."""
        return self._paths.get(model, {}).keys()

    def rooted(self, change: Change) -> Iterator[Audience]:
        """Audiences of rows of the changed model that it can concern; some may come twice.

        A column whose value the change does not tell is taken to hold anything.
        """
        rooted = self._rooted.get(change.model)
        if rooted is None:
            return iter(())
        return rooted.everybody() if change.pk is None else rooted.candidates(change)

    def on_path(self, path: Path) -> Collection[Audience]:
        """Audiences that show or filter their rows by what stands on a path."""
        return self._by_path.get(path, {}).keys()

    def by_membership(self, model: str) -> Collection[Audience]:
        """Audiences into which any row of the model may let rows, or out of it."""
        return self._membership.get(model, {}).keys()

    def by_content(self, model: str) -> Collection[Audience]:
        """Audiences that may show something of any row of the model."""
        return self._content.get(model, {}).keys()

    # --- the books ---

    def _take_in(self, audience: Audience, known: Known) -> None:
        rooted = self._rooted[audience.model]
        condition = _condition(audience, known)
        if audience.watches is not None:
            rooted.watchers[audience.watches][audience] = None
        elif condition is None:
            rooted.open[audience] = None
        else:
            # What nothing can match stands under no value.
            for value in condition.values:
                rooted.columns[condition.column][value][audience] = None
            self._hold(rooted, audience, known.members or {})
        for book, name in self._dependencies(known.reach):
            book[name][audience] = None
        for path in known.reach.paths if known.reach else ():
            for model in path.models:
                self._paths[model][path] = None

    def _take_out(self, audience: Audience, known: Known) -> None:
        rooted = self._rooted[audience.model]
        condition = _condition(audience, known)
        if audience.watches is not None:
            _drop(rooted.watchers, audience.watches, audience)
        elif condition is None:
            del rooted.open[audience]
        else:
            for value in condition.values:
                _drop(rooted.columns[condition.column], value, audience)
            if not rooted.columns[condition.column]:
                del rooted.columns[condition.column]
            self._let_go(rooted, audience, known.members or {})
        if rooted.empty:
            del self._rooted[audience.model]
        for book, name in self._dependencies(known.reach):
            _drop(book, name, audience)
        for path in known.reach.paths if known.reach else ():
            if path not in self._by_path:
                for model in path.models:
                    _drop(self._paths, model, path)

    def _dependencies(self, reach: Reach | None) -> Iterator[tuple[Any, Any]]:
        if reach is None:
            return
        for path in reach.paths:
            yield self._by_path, path
        for model in reach.membership:
            yield self._membership, model
        for model in reach.content:
            yield self._content, model

    def _hold(self, rooted: _Rooted, audience: Audience, members: Mapping[Key, str]) -> None:
        if len(members) > _HELD_MOST:
            rooted.large[audience] = None
            return
        for key in members:
            rooted.holders[key] = (*rooted.holders.get(key, ()), audience)

    def _let_go(self, rooted: _Rooted, audience: Audience, keys: Collection[Key]) -> None:
        if audience in rooted.large:
            del rooted.large[audience]
            return
        for key in keys:
            others = tuple(each for each in rooted.holders[key] if each is not audience)
            if others:
                rooted.holders[key] = others
            else:
                del rooted.holders[key]

    def _move(self, audience: Audience, before: Known, known: Known, moves: Moves) -> None:
        rooted = self._rooted[audience.model]
        members = known.members or {}
        if audience in rooted.large or len(members) > _HELD_MOST:
            self._let_go(rooted, audience, before.members or {})
            self._hold(rooted, audience, members)
            return
        self._let_go(rooted, audience, moves.left)
        self._hold(rooted, audience, moves.entered)


def _may_hold(condition: Condition, change: Change) -> bool:
    held = change.values.get(condition.column)
    return held is None or not condition.values.isdisjoint(held)


def _condition(audience: Audience, known: Known) -> Condition | None:
    """The condition that an audience stands under; the first is the one that tells most."""
    if audience.watches is not None or known.reach is None or not known.reach.conditions:
        return None
    return known.reach.conditions[0]


def _drop(book: Any, name: Any, entry: Any) -> None:
    entries = book.get(name, {})
    entries.pop(entry, None)
    if not entries:
        book.pop(name, None)
