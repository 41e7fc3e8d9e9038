"""Whoever is evaluated together with others is told what they would have been told alone."""

from collections.abc import Callable
from contextvars import ContextVar
from decimal import Context, Decimal, setcontext
from threading import local
from typing import Any, ClassVar

import pytest
from django.db.models import QuerySet
from django.test import override_settings
from django.utils import translation
from rest_framework import permissions, serializers

from tests.predicates.test_fingerprint import Times
from tests.sharing.evaluating import told, told_alone
from tests.sharing.opening import Everybody, Question, Tasks, view_that_shows
from tests.sharing.stashing import name, on_the_view, opening, tenant
from tests.todo.models import Task

asking: ContextVar[str] = ContextVar("asking", default="nobody")
thread = local()

WHO = ("ada", "grace", "ada x_tenant=a", "nobody", "grace x_tenant=b")


def request(serializer: Any) -> Any:
    return serializer.context["request"]


def view(serializer: Any) -> Any:
    return serializer.context["view"]


def nothing(_: Any) -> int:
    return 1


# --- what stays when a view has been asked ---


def activate_for_some(_: Any, request: Any) -> None:
    if request.user.is_authenticated:
        asking.set(name(request))
    if tenant(request):
        translation.activate("de")
        setcontext(Context(prec=3))


# --- what hangs on the rows ---


class Marking(permissions.BasePermission):
    """Keeps on a row what it found out about it, or changes what it shows."""

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        if view.marks == "text":
            obj.text = f"{name(request)}'s"
        elif view.marks == "relation":
            obj.list.name = f"{name(request)}'s"
        else:
            obj.mark = name(request)
        return True


class Row(serializers.ModelSerializer[Task]):
    """Shows what hangs on a row."""

    read = serializers.SerializerMethodField()

    class Meta:
        model = Task
        fields = ["id", "read"]

    def get_read(self, task: Task) -> list[str]:
        return [task.text, task.list.name, getattr(task, "mark", "")]


class OfThread(QuerySet[Task]):
    """Rows that tell what the thread holds, as a tenant's do that come out of its session with the
    database.
    """

    def _fetch_all(self) -> None:
        super()._fetch_all()
        for task in self._result_cache or ():
            task.text = getattr(thread, "asking", "")


class OfContext(QuerySet[Task]):
    """Rows that tell what a context variable holds."""

    def _fetch_all(self) -> None:
        super()._fetch_all()
        for task in self._result_cache or ():
            task.text = asking.get()


def keep_in_the_thread(_: Any, request: Any) -> None:
    thread.asking = name(request)


def keep_in_the_context(_: Any, request: Any) -> None:
    asking.set(name(request))


def rows(queryset: type[QuerySet[Task]], initial: Any, **attributes: Any) -> type[Tasks]:
    view = opening(initial, nothing)
    view.serializer_class = Row
    view.queryset = queryset(Task).order_by("pk")
    return type("Rows", (view,), attributes)


class ByThread:
    """Middleware that keeps in the thread who asks."""

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self._get_response = get_response

    def __call__(self, request: Any) -> Any:
        thread.asking = request.headers.get("X-Tenant", "nobody")
        return self._get_response(request)


# --- a row that is written over and over ---


class Reusing(serializers.ModelSerializer[Task]):
    """Gives the same object again, with other contents."""

    made: ClassVar[dict[int, dict[str, Any]]] = {}

    class Meta:
        model = Task
        fields = ["id"]

    def to_representation(self, instance: Task) -> Any:
        made = self.made.setdefault(instance.pk, {})
        made.update(id=instance.pk, read=[name(request(self))])
        return made


# --- what Python makes of a value ---


def multiplied(view: Any) -> QuerySet[Any]:
    return Task.objects.order_by("pk").annotate(much=Times(by=len(name(view.request))))


class Multiplied(serializers.ModelSerializer[Task]):
    """Shows that number."""

    read = serializers.IntegerField(source="much")

    class Meta:
        model = Task
        fields = ["id", "read"]


# --- what a view says of itself ---


def put_aside_for_all() -> type[Tasks]:
    made = opening(on_the_view(name), lambda s: view(s).aside)
    made.realtime_audience = "public"
    return made


def remember_who_asks(view: Any) -> dict[str, Any]:
    """A context for which something is found out once."""
    if not hasattr(view, "who"):
        view.who = name(view.request)
    return {"view": view, "request": view.request}


def choose_who_shares() -> type[Tasks]:
    def of_staff(_: Any, request: Any) -> None:
        thread.asking = "staff" if request.user.is_staff else "anybody"

    made = opening(of_staff, lambda _: thread.asking)
    who = property(lambda view: "connection" if view.request.user.is_staff else "public")
    return type("Choosing", (made,), {"realtime_audience": who})


VIEWS: dict[str, Callable[[], type[Tasks]]] = {
    "context variables that some set": lambda: opening(
        activate_for_some,
        lambda _: [asking.get(), translation.get_language(), str(Decimal(1) / 3)],
    ),
    "rows of a context variable": lambda: rows(OfContext, keep_in_the_context),
    "rows of a thread": lambda: rows(OfThread, keep_in_the_thread, realtime_audience="connection"),
    "a row that is written over": lambda: view_that_shows(nothing, serializer_class=Reusing),
    "a conversion": lambda: view_that_shows(
        nothing, serializer_class=Multiplied, get_queryset=multiplied
    ),
    "what is put aside for all": put_aside_for_all,
    "a context that is kept": lambda: view_that_shows(
        lambda s: view(s).who,
        get_serializer_context=remember_who_asks,
        realtime_audience="public",
    ),
    "a choice of who shares": choose_who_shares,
}


@pytest.mark.parametrize("order", [1, -1], ids=["one order", "the other"])
@pytest.mark.parametrize("what", VIEWS)
@pytest.mark.parametrize("changed", [False, True], ids=["at first", "of a change"])
def test_each_is_told_of_a_list_what_they_would_be_told_alone(
    everybody: Everybody, what: str, order: int, changed: bool
) -> None:
    question = Question(VIEWS[what]())
    who = [everybody.who(each) for each in WHO[::order]]
    keys = [*Task.objects.values_list("pk", flat=True)] if changed else None
    assert told(question, who, keys) == told_alone(question, who, keys)


@pytest.mark.parametrize("marks", ["attribute", "text", "relation"])
def test_each_is_told_of_a_row_what_they_would_be_told_alone(
    everybody: Everybody, marks: str
) -> None:
    view = type(
        "Marked",
        (Tasks,),
        {
            "permission_classes": [Marking],
            "serializer_class": Row,
            "marks": marks,
            "queryset": Task.objects.select_related("list"),
        },
    )
    key = Task.objects.values_list("pk", flat=True)[0]
    question = Question(view, kwargs=(("pk", key),), action="retrieve")
    who = [everybody.who(each) for each in WHO]
    for changed in (None, [key]):
        assert told(question, who, changed) == told_alone(question, who, changed)


def test_rows_that_middleware_had_a_hand_in_are_fetched_for_each(everybody: Everybody) -> None:
    with override_settings(GQL_LIVE={"MIDDLEWARE": [f"{__name__}.ByThread"]}):
        question = Question(rows(OfThread, lambda *_: None))
        who = [everybody.who(each) for each in WHO]
        assert told(question, who) == told_alone(question, who)
