"""What REST has shown to whom since all was quiet, and the judgement of what clients are told."""

from collections.abc import Iterable
from typing import Any

from tests.convergence.clients import REFUSALS, Event, Person, Subscription
from tests.convergence.questions import Answer, Question, Shown, ask, selected


class Ledger:
    """Every answer of REST after each commit, by who asks what.

    ``torn``: rows were written while an evaluation was under way, so that what it reads of one row
    may be of different moments, as in a REST response of that time. ``racing``: at any point of it.
    """

    def __init__(self) -> None:
        self.torn = self.racing = False
        self._answers: dict[tuple[Person, Question], list[Answer]] = {}

    def clear(self) -> None:
        """All is quiet: what was shown before the last answers counts no more."""
        self.torn = self.racing = False
        self._answers = {asked: answers[-1:] for asked, answers in self._answers.items()}

    def note(self, subscriptions: Iterable[Subscription]) -> None:
        """Something was written: ask REST what each of them asks."""
        asked = {(each.person, each.question): None for each in subscriptions}
        known = {each: self._answers.get(each, []) for each in asked}
        self._answers = {each: [*known[each], ask(each[0].rest, each[1])] for each in asked}

    def latest(self, subscription: Subscription) -> Answer:
        """What REST says now."""
        return self._shown(subscription)[-1]

    def load(self, subscription: Subscription) -> tuple[Shown, ...]:
        """What a client reads over REST for itself."""
        rows = self.latest(subscription).rows.values()
        return tuple(selected(row, subscription.selection) for row in rows)

    def judge(self, subscription: Subscription, event: Event) -> None:
        """Apply an event. Fails where the client may not have been told it."""
        try:
            if event.action == "END":
                self._judge_end(subscription, event.code)
            for row in (event.row, *event.rows):
                if row is not None:
                    self._judge_row(subscription, row)
            if event.key is not None:
                self._judge_key(subscription, event.key)
            subscription.apply(event)
        except AssertionError as error:
            raise AssertionError(
                f"{error}\n  told: {event}\n  to: {described(subscription)}"
                f"\n  which holds: {subscription.rows}"
            ) from None

    def differences(self, subscription: Subscription) -> list[str]:
        """What the client holds that REST does not list, and the other way round. Nothing, where
        REST fails.
        """
        answer = self.latest(subscription)
        if answer.status == 500:
            return []
        expected = {key: selected(row, subscription.selection) for key, row in answer.rows.items()}
        wrong = []
        if answer.status in {401, 403}:
            wrong.append(f"REST refuses with {answer.status}, and nobody told")
        held = subscription.rows
        wrong += [
            f"row {key}: REST has {expected.get(key)}, held is {held.get(key)}"
            for key in {**expected, **held}
            if expected.get(key) != held.get(key)
        ]
        return [f"{described(subscription)}: {each}" for each in wrong]

    def _judge_end(self, subscription: Subscription, code: Any) -> None:
        statuses = {answer.status for answer in self._shown(subscription)}
        allowed = REFUSALS.get(code, frozenset())
        assert statuses & allowed, f"the end, while REST said {statuses}"

    def _judge_key(self, subscription: Subscription, key: str) -> None:
        """No frame names a row that this person was never shown, not even one that is gone."""
        if not (self.racing and subscription.question.asks_twice):
            answers = self._shown(subscription)
            assert any(key in answer.rows for answer in answers), "a key that REST never showed"

    def _judge_row(self, subscription: Subscription, row: Shown) -> None:
        """A row must have been shown to this person since all was quiet, and as it is told."""
        if self.racing and subscription.question.asks_twice:
            return
        key = subscription.question.key
        shown = [
            selected(each, subscription.selection)
            for answer in self._shown(subscription)
            for each in answer.rows.values()
        ]
        assert any(each[key] == row[key] for each in shown), "a row that REST never showed"
        assert self.torn or row in shown, "a row as REST never showed it"

    def _shown(self, subscription: Subscription) -> list[Answer]:
        asked = subscription.person, subscription.question
        if asked not in self._answers:
            self._answers[asked] = [ask(asked[0].rest, asked[1])]
        return self._answers[asked]


def described(subscription: Subscription) -> str:
    """Who asks what."""
    how = "with a snapshot" if subscription.snapshot else "without"
    return f"{subscription.person.name}, {subscription.question.url}, {how}"
