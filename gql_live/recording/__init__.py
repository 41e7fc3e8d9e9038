"""Whose rows look the same: what serializing them reads of the request, noted and compared.

Principals whose question and queryset are the same are shown the same rows. They may also share
what a serializer made of those, if it had made the same for each of them alone. A serializer is a
program, and all that can differ between two such principals is what it reads of the request, what
the view put aside while it was opened, and what is active around it. The last two are compared in
whole. For the first, a twin takes the place of ``view.request`` and notes what is read, and its
value: the facets.

Why it is enough that another principal has the same values: a serializer that ran for them would
read the same first, find the same, hence do the same next, and so on to its end. What it would have
read on another path is never reached. That holds for whatever does the same when it is told the
same, as any view must whose answers mean anything.

What cannot be compared is private: it is shared with nobody. What cannot be seen is what code keeps
elsewhere while a view is opened, in a ``threading.local`` or in attributes of classes and modules.
A view that does so says ``realtime_audience = "connection"``.
"""

from gql_live.recording.content import OpaqueError, content
from gql_live.recording.facets import Facet, Facets, agrees, values_of
from gql_live.recording.recorder import Common, ReadRefused, Recording, in_common, record, shares

__all__ = [
    "Common",
    "Facet",
    "Facets",
    "OpaqueError",
    "ReadRefused",
    "Recording",
    "agrees",
    "content",
    "in_common",
    "record",
    "shares",
    "values_of",
]
