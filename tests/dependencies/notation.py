"""Paths in a line of text: ``cinema.film <film_id cinema.role >person_id cinema.person``.

``>`` and the column of the nearer row that refers to the farther one; ``<`` and the column of the
farther row that refers to the nearer one; ``=`` and the column referred to, unless that is the
primary key; ``:`` and the content type of a generic relation.
"""

from collections.abc import Iterable

from django.apps import apps

from gql_live.reach import Direction, Hop, Path


def said(paths: Iterable[Path]) -> list[str]:
    """Paths, in the order of the alphabet."""
    return sorted(map(_path, paths))


def _path(path: Path) -> str:
    places = (path.root, *path.models)
    return " ".join([path.root, *map(_hop, places, path.hops)])


def _hop(nearer: str, hop: Hop) -> str:
    forward = hop.direction is Direction.FORWARD
    referred = apps.get_model(hop.model if forward else nearer)
    target = "" if referred._meta.pk.attname == hop.target else f"={hop.target}"
    content_type = f":{hop.content_type}" if hop.type_column else ""
    return f"{'>' if forward else '<'}{hop.column}{target}{content_type} {hop.model}"
