"""What an answer rests on: from an opened view, its queryset and its serializer to a ``Reach``."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import router
from django.db.models import Model, QuerySet

from gql_live.dependencies import ContentReach, QuerysetReach, content_reach, queryset_reach
from gql_live.dependencies.observing import WHOLE
from gql_live.dependencies.relations import label
from gql_live.predicates import conditions_of
from gql_live.reach import Reach
from gql_live.wanted import Wanted

logger = logging.getLogger("gql_live")


@dataclass(frozen=True, slots=True)
class Grounds:
    """``opaque``: the fields of which only watching them tells what they read."""

    reach: Reach
    opaque: frozenset[str]


def grounds_of(
    view: Any, model: type[Model], rows: Any, wanted: Wanted, read: Collection[str]
) -> Grounds:
    """What the answer of an opened view of rows of ``model`` rests on.

    ``rows`` is what it shows; ``wanted`` what is selected of them; ``read`` are the models that
    were read to find out who may see what.
    """
    content = _content(view, model, wanted)
    queryset = queryset_reach(rows) if isinstance(rows, QuerySet) else QuerysetReach()
    paths = content.paths | queryset.paths
    if content.opaque:
        paths |= queryset.prefetched
    followed = {each for path in queryset.paths for each in path.models}
    reach = Reach(
        conditions=conditions_of(rows) if isinstance(rows, QuerySet) else (),
        paths=paths,
        membership=queryset.membership
        | (frozenset(read) - followed - _told_otherwise() - {label(model)}),
        content=content.content | queryset.content,
    )
    if _stands_elsewhere(rows):
        reach = _without_a_look(reach, followed)
    return Grounds(reach, content.opaque)


def _stands_elsewhere(rows: Any) -> bool:
    """Whether a queryset names a database of its own, and not that which the project's routers
    have for its model: what is asked of changed rows would be asked of that one.
    """
    usual = router.db_for_read, router.db_for_write
    return isinstance(rows, QuerySet) and rows.db not in {each(rows.model) for each in usual}


def _without_a_look(reach: Reach, filtering: Collection[str]) -> Reach:
    """The same, of which no row has to be looked at to say whom it concerns."""
    shown = frozenset(each for path in reach.paths for each in path.models)
    return Reach(membership=reach.membership | frozenset(filtering), content=reach.content | shown)


def _content(view: Any, model: type[Model], wanted: Wanted) -> ContentReach:
    try:
        return content_reach(view.get_serializer(), wanted, view.realtime_depends_on, model)
    except Exception:
        logger.debug("A serializer cannot be had without rows.", exc_info=True)
        return ContentReach(opaque=frozenset({WHOLE}))


@cache
def user_model() -> str:
    """The ``label_lower`` of the project's users; none where it has no users."""
    return label(get_user_model()) if apps.is_installed("django.contrib.auth") else ""


def _told_otherwise() -> frozenset[str]:
    """Models that say who asks: what happens to them is told of as a change of identity."""
    return frozenset({user_model(), "sessions.session", "authtoken.token"})
