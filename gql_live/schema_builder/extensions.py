"""How a project teaches the builder its own serializer fields, serializers, filters and views.

Each decorator takes import paths of classes; their subclasses follow. Nothing is imported for a
path, so rows for packages that may not be installed are harmless::

    from gql_live.schema_builder import extensions
    from gql_live.schema_builder.extensions import Output
    from gql_live.schema_builder.shapes import STRING

    @extensions.field("shop.fields.ColourField")
    def colour(field, context):
        return Output(STRING)

Register them where they are imported before the schema is built: beside the router.

- ``field``: ``(field, FieldContext) -> Output``. ``provable=False`` if the field may write null;
  ``context.of_hint()`` gives what a Python type says.
- ``serializer``: ``(serializer, Place, ObjectTypes) -> Output``; ``ObjectTypes.object()`` gives
  what its fields say.
- ``filter_type``: ``(NamedFilter, FilterContext) -> Scalar | EnumShape``, the type of one value.
- ``view``: ``(view) -> serializer class``, for a view that cannot say it without a client.
"""

from gql_live.schema_builder.fields import FIELDS, FieldContext, Output
from gql_live.schema_builder.filter_types import FILTERS, FilterContext, NamedFilter
from gql_live.schema_builder.probe import VIEWS
from gql_live.schema_builder.types import SERIALIZERS, ObjectTypes

field = FIELDS.add
serializer = SERIALIZERS.add
filter_type = FILTERS.add
view = VIEWS.add

__all__ = [
    "FieldContext",
    "FilterContext",
    "NamedFilter",
    "ObjectTypes",
    "Output",
    "field",
    "filter_type",
    "serializer",
    "view",
]
