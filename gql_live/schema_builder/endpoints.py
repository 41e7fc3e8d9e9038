"""Registered views and the URLconf to endpoints: a view, an action, and what its URL takes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from django.db.models import Model
from rest_framework.generics import GenericAPIView
from rest_framework.viewsets import ViewSetMixin

from gql_live.schema_builder.diagnostics import (
    NOT_BUILT,
    POSITIONAL_ROUTE,
    SEVERAL_MOUNTS,
    UNKNOWN_ACTION,
    UNMANAGED,
    Diagnostics,
    Place,
)
from gql_live.schema_builder.routes import Mount, UrlKwarg, mounts, routed_lookup, unrouted

Action = Literal["list", "retrieve"]
ACTIONS: tuple[Action, Action] = ("retrieve", "list")


@dataclass(frozen=True)
class Registration:
    """A view given to the router; ``name`` replaces the model's name in the root fields."""

    view: type[GenericAPIView[Any]]
    name: str | None = None


@dataclass(frozen=True, eq=False)
class Endpoint:
    """One registered view under one action, as mounted in the URLconf.

    ``name``: unique and stable. ``initkwargs``: what as_view() was given at its mount.
    ``action_map``: the whole mount's map for viewsets, None for plain generic views.
    ``url_name``: for reverse(), None if mounted nowhere or unnamed. ``lookup_kwarg``: the URL
    kwarg that carries the lookup value; None for a list, and for a view of one object whose URL
    names none (``/me/``). ``kwargs``: all that the URL gives. ``constants``: kwargs that the
    URLconf itself gives.
    """

    name: str
    view: type[GenericAPIView[Any]]
    initkwargs: Mapping[str, Any]
    action: Action
    action_map: Mapping[str, str] | None
    url_name: str | None
    model: type[Model]
    lookup_field: str
    lookup_kwarg: str | None
    kwargs: tuple[UrlKwarg, ...] = ()
    constants: Mapping[str, Any] = field(default_factory=dict)


def place_of(view: type) -> Place:
    """Return where findings about a view are reported."""
    return Place((view.__name__,))


def default_version(versioning: Any) -> Any:
    """Return the version of who asks for none; where there is none, the first that is allowed."""
    allowed = getattr(versioning, "allowed_versions", None)
    return getattr(versioning, "default_version", None) or next(iter(allowed or ()), None)


def find_endpoints(
    registrations: Sequence[Registration], urlconf: str | None, diagnostics: Diagnostics
) -> Iterator[tuple[Registration, Endpoint]]:
    """Give the endpoints of every registered view; one without a model is reported, not given."""
    wanted = {registration.view for registration in registrations}
    mounted: dict[type, list[Mount]] = {view: [] for view in wanted}
    for mount in mounts(urlconf):
        if mount.view in wanted:
            mounted[mount.view].append(mount)
    for registration in registrations:
        view = registration.view
        model = _model(view)
        if model is None:
            diagnostics.add(
                NOT_BUILT, place_of(view), "the view has no queryset", "set `queryset` on the view"
            )
            continue
        _require_writes(view, model, diagnostics)
        finder = _Finder(view, model, mounted[view], diagnostics)
        for endpoint in finder.endpoints():
            yield registration, endpoint


def _require_writes(view: Any, model: type[Model], diagnostics: Diagnostics) -> None:
    """Report rows that Django may never write: those of a view in the database, most of all."""
    told = getattr(view, "realtime_depends_on", None) or getattr(view, "realtime_poll", None)
    if not model._meta.managed and not told:
        diagnostics.add(
            UNMANAGED,
            place_of(view),
            f"{model.__name__} is unmanaged: Django is assumed to write its rows all the same",
            "if it does not, name in `realtime_depends_on` what they are made of, or set"
            " `realtime_poll`; else silence this",
        )


def _model(view: type[GenericAPIView[Any]]) -> type[Model] | None:
    serializer = getattr(view, "serializer_class", None)
    for owner in (getattr(view, "queryset", None), getattr(serializer, "Meta", None)):
        model = getattr(owner, "model", None)
        if isinstance(model, type) and issubclass(model, Model):
            return model
    return None


@dataclass(frozen=True)
class _Finder:
    view: type[GenericAPIView[Any]]
    model: type[Model]
    mounts: list[Mount]
    diagnostics: Diagnostics

    @property
    def lookup(self) -> str:
        return self.view.lookup_url_kwarg or self.view.lookup_field

    @property
    def handlers(self) -> list[Action]:
        return [action for action in ACTIONS if hasattr(self.view, action)]

    @property
    def reads(self) -> bool:
        """Whether REST can read with the view. Without, it is there for its subscriptions only."""
        return bool(self.handlers) or hasattr(self.view, "get")

    def endpoints(self) -> Iterator[Endpoint]:
        for action in ACTIONS:
            serving = [mount for mount in self.mounts if self._serves(mount, action)]
            if serving:
                yield self._mounted(action, serving)
            elif not (self.mounts and self.reads) and self._offers(action):
                yield self._unmounted(action)

    def _serves(self, mount: Mount, action: Action) -> bool:
        if mount.actions is not None:
            return mount.actions.get("get") == action
        if not hasattr(self.view, "get"):
            return False
        if len(self.handlers) == 1:
            return self.handlers == [action]
        has_lookup = any(kwarg.name == self.lookup for kwarg in mount.kwargs)
        return (action == "retrieve") is has_lookup

    def _offers(self, action: Action) -> bool:
        if not self.handlers and hasattr(self.view, "get"):
            self.diagnostics.add(
                UNKNOWN_ACTION,
                place_of(self.view),
                "its get() is assumed to give a list",
                "mount the view in the URLconf, or give it a list() or retrieve() method",
            )
            return action == "list"
        return not self.reads or action in self.handlers

    def _mounted(self, action: Action, serving: list[Mount]) -> Endpoint:
        # The URL that asks for least is the collection itself, not a nested view of it.
        mount = min(serving, key=lambda each: len(each.kwargs))
        if any({k.name for k in each.kwargs} != {k.name for k in mount.kwargs} for each in serving):
            self.diagnostics.add(
                SEVERAL_MOUNTS,
                place_of(self.view),
                f"mounted at several URLs for {action!r}; {mount.url_name!r} is used",
                "register a subclass of the view for the other URLs",
            )
        if mount.positional:
            self.diagnostics.add(
                POSITIONAL_ROUTE,
                place_of(self.view),
                "its URL has groups without names; it is asked without their values",
                f"name them: (?P<{self.lookup}>...)",
            )
        has_lookup = any(kwarg.name == self.lookup for kwarg in mount.kwargs)
        return replace(
            self._plain(action, mount.actions),
            initkwargs=mount.initkwargs,
            url_name=mount.url_name,
            lookup_kwarg=self.lookup if action == "retrieve" and has_lookup else None,
            kwargs=self._without_version(mount),
            constants={**mount.constants, **self._version(mount)},
        )

    def _unmounted(self, action: Action) -> Endpoint:
        """Return the endpoint of a view that no URL reads with; one that writes may have kwargs."""
        kwargs = {kwarg.name: kwarg for mount in self.mounts[:1] for kwarg in mount.kwargs}
        declared: Mapping[str, type] = getattr(self.view, "realtime_kwargs", {})
        kwargs |= {name: unrouted(name, python_type) for name, python_type in declared.items()}
        lookup = kwargs.pop(self.lookup, None) or routed_lookup(self.view, self.lookup)
        if action == "retrieve":
            kwargs[self.lookup] = lookup
        is_viewset = issubclass(self.view, ViewSetMixin)
        return replace(
            self._plain(action, {"get": action} if is_viewset else None),
            lookup_kwarg=self.lookup if action == "retrieve" else None,
            kwargs=tuple(kwargs.values()),
        )

    def _plain(self, action: Action, action_map: Mapping[str, str] | None) -> Endpoint:
        return Endpoint(
            name=f"{self.view.__module__}.{self.view.__qualname__}.{action}",
            view=self.view,
            initkwargs={},
            action=action,
            action_map=action_map,
            url_name=None,
            model=self.model,
            lookup_field=self.view.lookup_field,
            lookup_kwarg=None,
        )

    def _version(self, mount: Mount) -> dict[str, Any]:
        """The version in the URL is not for the client to choose: it is the view's default."""
        versioning: Any = self.view.versioning_class
        param = getattr(versioning, "version_param", None)
        if not any(kwarg.name == param for kwarg in mount.kwargs):
            return {}
        version = default_version(versioning)
        return {} if version is None else {str(param): version}

    def _without_version(self, mount: Mount) -> tuple[UrlKwarg, ...]:
        fixed = self._version(mount)
        return tuple(kwarg for kwarg in mount.kwargs if kwarg.name not in fixed)
