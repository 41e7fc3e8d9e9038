"""``RealtimeRouter``: the views of a project, and what is made of them."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from ariadne.types import Extension
from graphql import (
    ASTValidationRule,
    GraphQLResolveInfo,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
)
from rest_framework.generics import GenericAPIView

from gql_live.audience import AudienceKey
from gql_live.conf import setting
from gql_live.connection import Gateway
from gql_live.consumers import RealtimeConsumer
from gql_live.dependencies import declared_models, remembered
from gql_live.exceptions import Refusal, RegistrationError
from gql_live.execution import EXTENSIONS
from gql_live.limits import DocumentLimits
from gql_live.mixins import RealtimeMixin
from gql_live.operations import Documents
from gql_live.plan import name_arguments
from gql_live.resolvers import read
from gql_live.schema_builder import (
    BuiltSchema,
    Options,
    Registration,
    RootField,
    ViewInput,
    build_schema,
)
from gql_live.views import RealtimeView
from gql_live.wanted import RESPONSE_KEYS, wanted_by_query
from gql_live.writes import remember, track, track_related


class RealtimeRouter:
    """Registered views, as a GraphQL schema, a Channels consumer and a Django view.

    ``public=False`` refuses everybody whom no registered view's ``authentication_classes`` know.
    ``type_defs`` and ``bindables`` are a project's own Ariadne types and resolvers, merged into the
    schema. ``extensions`` are Ariadne extensions, run around every query and mutation on every
    transport and around the execution of every event of a view, where they get no context: it is
    shared. ``validation_rules`` are asked of every document.
    """

    def __init__(
        self,
        *,
        public: bool = True,
        type_defs: Sequence[str] = (),
        bindables: Sequence[Any] = (),
        extensions: Sequence[type[Extension]] = (),
        validation_rules: Sequence[type[ASTValidationRule]] = (),
    ) -> None:
        self.public = public
        self._type_defs = (type_defs,) if isinstance(type_defs, str) else tuple(type_defs)
        self._bindables = tuple(bindables)
        self._extensions = list(extensions)
        self._validation_rules = tuple(validation_rules)
        self._registrations: list[Registration] = []

    def register(self, view: type[GenericAPIView[Any]], name: str | None = None) -> None:
        """Make ``view`` subscribable. ``name`` replaces the model's name in the root fields.

        Raises ``RegistrationError`` naming the view and the remedy.
        """
        _require_registrable(view)
        if "_built" in self.__dict__:
            raise RegistrationError(
                f"{view.__name__} is registered after the schema was built: register every view "
                "in the module that makes the router."
            )
        for known in self._registrations:
            if known.view is view and known.name == name:
                raise RegistrationError(
                    f"{view.__name__} is registered already: register it once, or under another "
                    "name=."
                )
            if name is not None and known.name == name:
                raise RegistrationError(
                    f"{view.__name__} cannot be named {name!r}: {known.view.__name__} has that "
                    "name. Choose another name=."
                )
        self._registrations.append(Registration(view, name))
        track_related(view.queryset.model)  # type: ignore[union-attr]
        for named in declared_models(view):
            track(named)
        for model, column in remembered(view):
            remember(model, column)

    def register_all(self, views: Iterable[type[GenericAPIView[Any]]]) -> None:
        """Register each of ``views``."""
        for view in views:
            self.register(view)

    @property
    def schema(self) -> GraphQLSchema:
        """The executable schema. Built at first use: by then the URLconf can be read."""
        return self._built.schema

    @property
    def type_defs(self) -> str:
        """The schema as SDL."""
        return self._built.type_defs

    @property
    def bindables(self) -> Sequence[Any]:
        """The Ariadne bindables that make ``type_defs`` executable."""
        return self._built.bindables

    @property
    def diagnostics(self) -> Sequence[Any]:
        """What the schema builder had to assume."""
        return self._built.diagnostics

    def as_consumer(self) -> type[RealtimeConsumer]:
        """The Channels consumer of this router's WebSocket URL."""
        return type(
            "RealtimeRouterConsumer",
            (RealtimeConsumer,),
            {"find_gateway": staticmethod(lambda: self.gateway)},
        )

    def as_view(self) -> Any:
        """The Django view of this router's HTTP URL: GraphQL over HTTP, and GraphiQL for a
        browser.
        """
        return RealtimeView.as_view(find_gateway=lambda: self.gateway)

    @cached_property
    def gateway(self) -> Gateway:
        """What the router's connections and requests share."""
        documents = Documents(
            self.schema,
            capacity=setting("DOCUMENT_CACHE"),
            max_tokens=setting("MAX_TOKENS"),
            rules=[*_rules(), *self._validation_rules],
            suggest=setting("INTROSPECTION"),
        )
        views = tuple(dict.fromkeys(registration.view for registration in self._registrations))
        return Gateway(documents, views, self._endpoints(views), self.public)

    def _endpoints(self, views: Sequence[type[GenericAPIView[Any]]]) -> dict[tuple[str, str], Any]:
        endpoints = [
            root.endpoint
            for (operation, _), root in self._built.root_fields.items()
            if operation == "subscription"
        ]
        endpoints.sort(key=lambda endpoint: views.index(endpoint.view), reverse=True)
        return {(each.model._meta.label, each.action): each for each in endpoints}

    @cached_property
    def _built(self) -> BuiltSchema:
        built = build_schema(
            self._registrations,
            resolve=_resolve,
            type_defs=self._type_defs,
            bindables=self._bindables,
            options=_options(),
        )
        built.schema.extensions[RESPONSE_KEYS] = built.response_keys
        built.schema.extensions[EXTENSIONS] = self._extensions
        return built


async def _resolve(root: RootField, view_input: ViewInput, info: GraphQLResolveInfo[Any]) -> Any:
    """A root field of ``Query``: what REST answers to the same question."""
    context = info.context
    asked = AudienceKey(root.endpoint, view_input.kwargs, view_input.params, context["principal"])
    try:
        return await context["run"](read, asked, wanted_by_query(info))
    except Refusal as refusal:
        raise name_arguments(refusal, root.arguments_by_param) from refusal


def _options() -> Options:
    return Options(
        case=setting("CASE"),
        pk=setting("PK"),
        integer_choices=setting("INTEGER_CHOICES"),
        blank_enum=setting("BLANK_ENUM"),
        plain_serializers=setting("PLAIN_SERIALIZERS"),
        plain_integers=setting("PLAIN_INTEGERS"),
        max_enum_values=setting("MAX_ENUM_VALUES"),
        names=setting("TYPE_NAMES"),
    )


def _rules() -> list[type[ASTValidationRule]]:
    limits = DocumentLimits(
        depth=setting("MAX_DEPTH"),
        aliases=setting("MAX_ALIASES"),
        root_fields=setting("MAX_ROOT_FIELDS"),
    )
    rules: list[type[ASTValidationRule]] = [limits.rule()]
    if not setting("INTROSPECTION"):
        rules.append(NoSchemaIntrospectionCustomRule)
    return rules


def _require_registrable(view: Any) -> None:
    name = getattr(view, "__name__", repr(view))
    if not isinstance(view, type) or not issubclass(view, GenericAPIView):
        raise RegistrationError(
            f"{name} is no GenericAPIView: register a view class that is one, for example a "
            "ModelViewSet."
        )
    if not issubclass(view, RealtimeMixin):
        raise RegistrationError(
            f"{name} does not have the RealtimeMixin: class {name}(RealtimeMixin, ...)."
        )
    if view.queryset is None:
        raise RegistrationError(
            f"{name} has no queryset, so nobody can tell whose changes concern it: set "
            "queryset = Model.objects.none() where get_queryset() decides."
        )
