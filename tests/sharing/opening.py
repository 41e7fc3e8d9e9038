"""Principals, views opened for them, and rows serialized for each alone or for all together."""

from collections.abc import Callable, Iterable
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from rest_framework import permissions, serializers, viewsets
from rest_framework.authtoken.models import Token

from gql_live import RealtimeMixin
from gql_live.audience import AudienceKey, Principal
from gql_live.recording import Facets, Recording, agrees, record
from gql_live.resolvers import json_renderer, open_view, request_of
from gql_live.schema_builder.endpoints import Endpoint
from tests.todo.models import Task

T = TypeVar("T")
Read = Callable[[Any], Any]


# --- who asks ---


def principal(
    user: Any = None, *, scheme: str = "http", session: str | None = None, **headers: str
) -> Principal:
    """Somebody over HTTP. ``user`` is as middleware found them; headers are named with
    underscores.
    """
    told = {"host": "testserver", **headers}
    return Principal(
        scheme=scheme,
        headers=tuple(sorted((name.replace("_", "-"), value) for name, value in told.items())),
        remote_addr="127.0.0.1",
        server=("testserver", "80"),
        session_key=session,
        user_key=None if user is None else str(user.pk),
    )


@dataclass(frozen=True)
class Everybody:
    """The users there are; ``grace`` is staff."""

    ada: Any
    grace: Any
    _sessions: dict[tuple[str, str], str] = field(default_factory=dict)

    def who(self, told: str) -> Principal:
        """From ``"ada x_tenant=a"``: a user, or ``nobody``, and what is told besides.
        ``session=1`` and ``token`` say how the user is known.
        """
        name, *words = told.split()
        options = dict(word.partition("=")[::2] for word in words)
        user = getattr(self, name, None)
        known = user if options.keys().isdisjoint({"session", "token"}) else None
        if "session" in options:
            mine = name, options["session"]
            if mine not in self._sessions:
                self._sessions[mine] = logged_in(user)
            options["session"] = self._sessions[mine]
        if "token" in options:
            token, _ = Token.objects.get_or_create(user=user)
            options["authorization"] = f"Token {token.key}"
            del options["token"]
        return principal(known, **options)


def logged_in(user: Any) -> str:
    """The key of a new session of ``user``'s."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    assert session.session_key is not None
    return session.session_key


# --- what is asked ---


class Tasks(RealtimeMixin, viewsets.ReadOnlyModelViewSet[Task]):
    """Every task, to everybody."""

    queryset = Task.objects.order_by("pk")
    permission_classes = [permissions.AllowAny]


def shows(read: Read) -> type[serializers.ModelSerializer[Task]]:
    """A serializer whose rows show what ``read`` makes of it."""

    class Shown(serializers.ModelSerializer[Task]):
        """A task and what was read."""

        read = serializers.SerializerMethodField()

        class Meta:
            model = Task
            fields = ["id", "read"]

        def get_read(self, _task: Task) -> Any:
            return read_of(self)

    read_of = read
    return Shown


def view_that_shows(read: Read, **attributes: Any) -> type[Tasks]:
    """A view with that serializer, and with other attributes and methods."""
    return type("Shown", (Tasks,), {"serializer_class": shows(read), **attributes})


@dataclass(eq=False)
class Question:
    """One question to a view."""

    view: type[Tasks]
    params: tuple[tuple[str, str], ...] = ()
    kwargs: tuple[tuple[str, Any], ...] = ()
    initkwargs: dict[str, Any] = field(default_factory=dict)
    action: Literal["list", "retrieve"] = "list"

    def __post_init__(self) -> None:
        self._endpoint = Endpoint(
            name="tasks",
            view=self.view,
            initkwargs=self.initkwargs,
            action=self.action,
            action_map={"get": self.action, "post": "create"},
            url_name=None,
            model=Task,
            lookup_field="pk",
            lookup_kwarg="pk" if self.action == "retrieve" else None,
        )

    def asked(self, who: Principal) -> AudienceKey:
        """The question as ``who`` asks it."""
        return AudienceKey(self._endpoint, self.kwargs, self.params, who)

    def opened(self, who: Principal) -> Any:
        """The view, opened for ``who``."""
        asked = self.asked(who)
        return open_view(asked, request_of(asked), throttle=False)


# --- what is answered ---


def rows_of(view: Any) -> Any:
    """What an opened view shows."""
    return view.filter_queryset(view.get_queryset())


def serialized(view: Any, rows: Any) -> Any:
    """The rows as the view's serializer shows them."""
    return view.get_serializer(list(rows), many=True).data


def written(view: Any, shown: Any) -> str:
    """Serialized rows as they go over the wire."""
    return str(json_renderer(view).render(shown), "utf-8")


def recorded(view: Any) -> tuple[str, Recording]:
    """The rows of an opened view, and what was read for them."""
    rows = rows_of(view)
    with record(view) as recording:
        shown = serialized(view, rows)
    return written(view, shown), recording


def by_itself(work: Callable[..., T], *arguments: Any) -> T:
    """What ``work`` gives in a context of its own."""
    return copy_context().run(work, *arguments)


def alone(question: Question, who: Principal) -> str:
    """What ``who`` is told without any sharing."""

    def ask() -> str:
        view = question.opened(who)
        return written(view, serialized(view, rows_of(view)))

    return by_itself(ask)


@dataclass
class Together:
    """What each is told where all share who may; ``shared``: how many were told what an earlier one
    was.
    """

    told: list[str] = field(default_factory=list)
    shared: int = 0


def together(question: Question, everybody: Iterable[Principal]) -> Together:
    """Ask for one after the other, as an evaluation does for the audiences of one question."""
    kept: list[tuple[Any, Facets, str]] = []
    result = Together()

    def ask(who: Principal) -> str:
        view = question.opened(who)
        asked = rows_of(view).query.sql_with_params()
        for also_asked, facets, text in kept:
            if also_asked == asked and agrees(facets, view):
                result.shared += 1
                return text
        text, recording = recorded(view)
        facets_read = recording.facets()
        if facets_read is not None:
            kept.append((asked, facets_read, text))
        return text

    result.told = [by_itself(ask, who) for who in everybody]
    return result


def share(question: Question, *who: Principal) -> bool:
    """Whether two share, in either order; each is told what it would have been told alone."""
    answers = [together(question, order) for order in (who, who[::-1])]
    for answer, order in zip(answers, (who, who[::-1]), strict=True):
        assert answer.told == [alone(question, each) for each in order]
    assert answers[0].shared == answers[1].shared
    return answers[0].shared > 0
