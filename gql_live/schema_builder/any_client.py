"""One type for a view that gives different clients different rows."""

from collections.abc import Hashable, Sequence

from gql_live.schema_builder.shapes import JSON, FieldShape, ObjectShape, TypeRef


class AnyClient:
    """All types of one schema that stand for several."""

    def __init__(self) -> None:
        self._shapes: dict[Hashable, ObjectShape] = {}

    def shape(self, types: Sequence[TypeRef], base: str) -> TypeRef:
        """Return a type that fits rows of all ``types``, the widest client's first.

        The first one, if it has all their fields; else ``Any<base>`` with the fields of all, where
        a field that has not the same type for everybody is ``JSON``.
        """
        first = types[0]
        if all(each == first for each in types):
            return first
        objects = [each for each in types if isinstance(each, ObjectShape)]
        if len(objects) < len(types):
            return JSON
        fields: dict[str, FieldShape] = {}
        for each in objects:
            for field in each.fields:
                known = fields.get(field.key)
                same = known is None or known.type == field.type
                kind = field.type if same else JSON
                fields[field.key] = FieldShape(
                    field.key, kind, description=field.description, trusted=False
                )
        merged = tuple(fields.values())
        own = tuple((each.key, each.type) for each in objects[0].fields)
        if own == tuple((each.key, each.type) for each in merged):
            return first
        names = (f"Any{base}",)
        return self._shapes.setdefault((names, merged), ObjectShape(names, [*merged]))
