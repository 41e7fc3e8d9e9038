"""The change type around a row's type: what a subscription sends (DESIGN 2)."""

from gql_live.schema_builder.shapes import (
    ID,
    EnumMember,
    EnumShape,
    FieldShape,
    ListOf,
    ObjectShape,
)

_ACTIONS = {
    "SNAPSHOT": "All rows at the start, where asked for; complete with all that follows.",
    "CREATED": "The row came into the subscriber's list.",
    "UPDATED": "The row was in the list and still is.",
    "DELETED": "The row left the list, or was deleted.",
    "RESYNC": "Changes may have been missed: fetch again.",
}
CHANGE_ACTION = EnumShape(
    ("ChangeAction",),
    tuple(EnumMember(name, name, description) for name, description in _ACTIONS.items()),
    "What happened, seen from this subscriber's list of rows. A change has the `id` of its row, the"
    " row as `instance` unless it is gone, and all rows as `instances` in a snapshot.",
)


def change_type(rows: ListOf) -> ObjectShape:
    """Return the change type of rows; its name comes from the name of their type."""
    fields = [
        FieldShape("action", CHANGE_ACTION, non_null=True),
        FieldShape("id", ID),
        FieldShape("instance", rows.item),
        FieldShape("instances", rows),
    ]
    return ObjectShape((), fields, wrapper=True)
