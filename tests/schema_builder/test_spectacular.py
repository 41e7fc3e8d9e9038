"""What a project tells drf-spectacular counts here, too: asked of that package as it is."""

from typing import Any

import pytest
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiResponse,
    PolymorphicProxySerializer,
    extend_schema,
    extend_schema_field,
    extend_schema_serializer,
    extend_schema_view,
)
from rest_framework import generics, serializers, viewsets
from rest_framework.response import Response

from gql_live.schema_builder import BuiltSchema
from tests.schema_builder.building import (
    build,
    build_serializer,
    execute,
    field_types,
    messages,
    serializer_for,
    viewset_for,
)
from tests.schema_builder.catalog.models import Book, Shelf

BOOK = serializer_for(Book, {"id": ..., "title": ...})
SHELF = serializer_for(Shelf, {"id": ..., "code": ...}, "ShelfSerializer")
ONE_SHELF = extend_schema_serializer(many=False)(
    serializer_for(Shelf, {"id": ..., "code": ...}, "OneShelfSerializer")
)


def errors(built: BuiltSchema) -> list[str]:
    """The findings, but for what every handler of a view's own is told."""
    return [str(each) for each in built.diagnostics if each.id != "gql_live.W110"]


class Answers(viewsets.ReadOnlyModelViewSet[Book]):
    """Answers in its own way."""

    queryset = Book.objects.all()
    serializer_class = BOOK

    def list(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return Response({})

    def retrieve(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return Response({})


def answering(responses: Any, action: str = "retrieve", **told: Any) -> Any:
    """A view of which one handler is its own and says what it answers."""
    handler = extend_schema(responses=responses, **told)(
        lambda _self, _request, *_args, **_kwargs: Response({})
    )
    attributes: dict[str, Any] = {action: handler}
    return viewset_for(BOOK, **attributes)


WIDE = {"id": "ID", "title": "String", "code": "String"}
ANSWERS: list[Any] = [
    pytest.param(SHELF, WIDE, id="a serializer class"),
    pytest.param(SHELF(), WIDE, id="a serializer"),
    pytest.param({200: SHELF}, WIDE, id="by status"),
    pytest.param({"200": SHELF}, WIDE, id="by status as text"),
    pytest.param({(200, "application/json"): SHELF}, WIDE, id="by status and media type"),
    pytest.param({404: BOOK, 206: None, 201: SHELF}, WIDE, id="the lowest status of success"),
    pytest.param(OpenApiResponse(SHELF, "A shelf."), WIDE, id="with a description"),
    pytest.param({200: OpenApiResponse(SHELF)}, WIDE, id="by status with a description"),
]
PLAIN = {"id": "ID", "title": "String"}
NO_ANSWERS: list[Any] = [
    pytest.param(BOOK, PLAIN, id="the same"),
    pytest.param(None, PLAIN, id="no body"),
    pytest.param({404: SHELF}, PLAIN, id="only a failure"),
    pytest.param({204: None}, PLAIN, id="a success without a body"),
]


@pytest.mark.parametrize(("responses", "fields"), ANSWERS)
def test_a_handler_of_the_views_own_answers_what_it_says_beside_what_changes_give(
    responses: Any, fields: dict[str, str]
) -> None:
    built = build(answering(responses))
    assert str(built.schema.query_type.fields["book"].type) == "AnyBook"  # type: ignore[union-attr]
    assert field_types(built, "AnyBook") == fields
    assert errors(built) == []


@pytest.mark.parametrize(("responses", "fields"), NO_ANSWERS)
def test_a_handler_that_says_nothing_new_answers_what_its_view_gives(
    responses: Any, fields: dict[str, str]
) -> None:
    built = build(answering(responses))
    assert field_types(built, "Book") == fields
    assert "AnyBook" not in built.schema.type_map


@pytest.mark.parametrize(
    ("responses", "sdl"),
    [
        pytest.param(SHELF, "[AnyBook!]!", id="a serializer stands for each row"),
        pytest.param(SHELF(many=True), "[AnyBook!]!", id="a serializer of many"),
        pytest.param(SHELF(), "[AnyBook!]!", id="a serializer instance"),
        pytest.param({200: SHELF(many=True)}, "[AnyBook!]!", id="by status"),
        pytest.param(ONE_SHELF, "JSON!", id="a serializer that says it is one"),
        pytest.param(OpenApiTypes.OBJECT, "JSON!", id="an object of any kind"),
        pytest.param({200: {"type": "object"}}, "JSON!", id="a JSON schema"),
    ],
)
def test_a_list_is_declared_by_its_rows_unless_they_are_one(responses: Any, sdl: str) -> None:
    built = build(answering(responses, "list"))
    assert str(built.schema.query_type.fields["books"].type) == sdl  # type: ignore[union-attr]


def test_an_answer_that_is_no_list_is_given_as_it_is() -> None:
    built = build(answering(ONE_SHELF, "list"), resolve=lambda *_: {"id": 1, "code": "x"})
    assert execute(built, "{ books }") == {"books": {"id": 1, "code": "x"}}


def test_an_answer_of_rows_is_checked_field_by_field() -> None:
    rows = [{"id": 1, "code": "x"}, {"id": 2, "title": "y"}]
    built = build(answering(SHELF, "list"), resolve=lambda *_: rows)
    assert execute(built, "{ books { id title code } }")["books"] == [
        {"id": "1", "title": None, "code": "x"},
        {"id": "2", "title": "y", "code": None},
    ]


def _raises(_self: Any) -> Any:
    raise RuntimeError("not without a tenant")


class OwnGet(generics.GenericAPIView[Book]):
    queryset = Book.objects.all()
    serializer_class = BOOK

    @extend_schema(responses=SHELF)
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return Response([])


@pytest.mark.parametrize(
    "view",
    [
        pytest.param(OwnGet, id="on get()"),
        pytest.param(extend_schema(responses=SHELF)(type("A", (Answers,), {})), id="on the view"),
        pytest.param(
            extend_schema_view(list=extend_schema(responses=SHELF))(type("B", (Answers,), {})),
            id="on the view for its handler",
        ),
        pytest.param(
            extend_schema(responses=SHELF)(type("C", (Answers,), {"schema": AutoSchema()})),
            id="on a view with drf-spectacular's schema class",
        ),
        pytest.param(
            extend_schema(summary="Two")(
                extend_schema(responses=SHELF)(type("D", (Answers,), {"schema": AutoSchema()}))
            ),
            id="below another declaration",
        ),
        pytest.param(answering(SHELF, "list", methods=["GET"]), id="for the method that reads"),
    ],
)
def test_a_declaration_is_found_wherever_it_stands(view: Any) -> None:
    assert "code" in field_types(build(view), "AnyBook")


@pytest.mark.parametrize(
    "view",
    [
        pytest.param(answering(SHELF, "list", methods=["POST"]), id="for another method"),
        pytest.param(answering(SHELF, "list", versions=["v9"]), id="for another version"),
        pytest.param(type("E", (Answers,), {"schema": None}), id="for no schema at all"),
        pytest.param(
            type("F", (Answers,), {"schema": AutoSchema()}), id="by a schema class that only asks"
        ),
        pytest.param(
            extend_schema(summary="Books")(type("G", (Answers,), {"schema": AutoSchema()})),
            id="of something else",
        ),
        pytest.param(
            viewset_for(BOOK, get_serializer_class=_raises, schema=AutoSchema()),
            id="by a view that cannot be asked",
        ),
    ],
)
def test_a_declaration_of_something_else_says_nothing(
    view: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "AnyBook" not in build(view).schema.type_map
    assert capsys.readouterr() == ("", "")


def test_what_a_stock_handler_answers_is_known_better() -> None:
    view = extend_schema(responses=SHELF)(viewset_for(BOOK))
    assert field_types(build(view), "Book") == {"id": "ID!", "title": "String!"}


@pytest.mark.parametrize(
    "responses",
    [SHELF, SHELF(), SHELF(many=True), {200: SHELF}],
    ids=["a class", "an instance", "of many", "by status"],
)
def test_a_declaration_stands_in_for_a_serializer_class_that_cannot_be_asked(
    responses: Any,
) -> None:
    view = extend_schema(responses=responses)(viewset_for(None, get_serializer_class=_raises))
    built = build(view)
    assert field_types(built, "Shelf") == {"id": "ID", "code": "String"}
    assert {each.id for each in built.diagnostics} == {"gql_live.W105"}
    assert "what @extend_schema says is assumed" in messages(built)[0]


def test_a_declaration_that_is_no_serializer_stands_in_for_none() -> None:
    told = extend_schema(responses=OpenApiTypes.STR)
    built = build(told(viewset_for(None, get_serializer_class=_raises)))
    assert {each.id for each in built.diagnostics} == {"gql_live.E101"}


def test_annotations_of_drf_spectacular() -> None:

    class Methods(serializers.ModelSerializer[Book]):
        number = serializers.SerializerMethodField()
        hidden = serializers.SerializerMethodField()

        class Meta:
            model = Book
            fields = ["number", "hidden"]

        @extend_schema_field(OpenApiTypes.INT64)
        def get_number(self, book: Book) -> Any: ...

        @extend_schema_field(None)  # type: ignore[arg-type]  # documented, and not in its types
        def get_hidden(self, book: Book) -> Any: ...

    serializer = extend_schema_serializer(component_name="Novel")(Methods)
    assert field_types(build_serializer(serializer), "Novel") == {"number": "BigInt"}


def test_a_proxy_for_several_serializers() -> None:
    book = serializer_for(Book, {"id": ..., "title": ...})
    shelf = serializer_for(Shelf, {"id": ..., "code": ...}, "ShelfSerializer")
    proxy = PolymorphicProxySerializer(
        component_name="Thing",
        serializers={"book": book, "shelf": shelf},
        resource_type_field_name="kind",
    )

    class Holder(serializers.ModelSerializer[Book]):
        thing = serializers.SerializerMethodField()

        class Meta:
            model = Book
            fields = ["thing"]

        @extend_schema_field(proxy)
        def get_thing(self, book: Book) -> Any: ...

    built = build_serializer(Holder)
    assert field_types(built, "Holder") == {"thing": "Thing"}
    assert "interface Thing {\n  kind: String\n  id: ID\n}" in built.type_defs


class Opaque(serializers.BaseSerializer[Book]):
    """A serializer of which only an annotation tells what it writes."""

    def to_representation(self, instance):  # type: ignore[no-untyped-def]  # only annotated
        return {}


PAYLOADS: list[Any] = [
    pytest.param({"properties": {"size": {"type": "integer"}}}, "Own", id="an object"),
    pytest.param({"enum": ["a", "b"]}, "Own", id="an enum"),
    pytest.param(serializers.ChoiceField(["a", "b"]), "BookNested", id="a field with choices"),
    pytest.param(
        serializers.ListField(child=serializers.ChoiceField(["a"])), "[BookNested]", id="a list"
    ),
]


@pytest.mark.parametrize(("payload", "sdl"), PAYLOADS)
def test_types_that_only_an_annotation_of_a_serializer_knows_have_names(
    payload: Any, sdl: str
) -> None:
    own = extend_schema_field(payload)(type("OwnSerializer", (Opaque,), {}))
    built = build_serializer(serializer_for(Book, {"id": ..., "nested": own(source="*")}))
    assert field_types(built, "Book")["nested"] == sdl


def test_a_view_whose_serializer_is_annotated_with_choices_gives_them() -> None:
    own = extend_schema_field(serializers.ChoiceField(["a", "b"]))(
        type("OwnSerializer", (Opaque,), {})
    )
    built = build(viewset_for(own), resolve=lambda *_: "b")
    assert execute(built, '{ book(id: "1") }') == {"book": "b"}


class _Kind(serializers.CharField):
    """Writes the same whatever the row."""

    def to_representation(self, value: Any) -> str:
        return str(self.label)


@pytest.mark.parametrize(
    ("field", "key", "sdl"),
    [
        pytest.param(_Kind, "kind", "Thing", id="a field of each that says its type"),
        pytest.param(
            serializers.ReadOnlyField, "kind", "JSON", id="a field that says of all the same"
        ),
        pytest.param(_Kind, "id", "JSON", id="a field that wants a row"),
        pytest.param(_Kind, "missing", "JSON", id="no such field"),
        pytest.param(_Kind, None, "JSON", id="nothing"),
    ],
)
def test_a_proxy_for_a_list_of_serializers_asks_each_what_it_is(
    field: Any, key: Any, sdl: str
) -> None:
    book = serializer_for(Book, {"id": ..., "kind": field(label="book")})
    shelf = serializer_for(Shelf, {"id": ..., "kind": field(label="shelf")}, "ShelfSerializer")
    proxy = PolymorphicProxySerializer("Thing", [book, shelf], resource_type_field_name=key)
    told = extend_schema_field(proxy)(type("OwnSerializer", (Opaque,), {}))
    built = build_serializer(serializer_for(Book, {"thing": told(source="*")}, "HolderSerializer"))
    assert field_types(built, "Holder") == {"thing": sdl}
