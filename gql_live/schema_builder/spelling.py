"""Whether REST spells the keys of a row as the schema does.

A renderer may spell them in its own way. What a row holds is taken before it is rendered, so only
names differ, never values.
"""

from typing import Any

from gql_live.schema_builder.diagnostics import OTHER_CASE, Diagnostics, Place
from gql_live.schema_builder.options import Options

_CAMEL_CASE = "djangorestframework_camel_case.render"
_PLACE = Place(("GQL_LIVE", "CASE"))


def compare(view: Any, options: Options, diagnostics: Diagnostics) -> None:
    """Report, once for a schema, that clients of REST know its fields by other names."""
    renderers = (base for each in view.renderer_classes for base in each.__mro__)
    if options.case == "snake" and any(each.__module__ == _CAMEL_CASE for each in renderers):
        diagnostics.add(
            OTHER_CASE,
            _PLACE,
            "REST is rendered in camelCase, the schema is in snake_case",
            'set GQL_LIVE["CASE"] = "camel" to have the same names in both',
        )
