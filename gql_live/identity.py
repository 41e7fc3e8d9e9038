"""From a change of who somebody is, or what they may do, to a change that audiences hear of.

A row can become invisible without being written: its reader logs out, is deactivated, leaves a
group. Those who watch are told that the user changed, never which session or token: its key is a
secret, and changes travel. So the ends of these are told by signals, and everything else by what is
written to the tables of users, groups and permissions.
"""

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.contrib.auth import SESSION_KEY, get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db import transaction
from django.db.models.signals import post_delete

from gql_live.changes import EVERYBODY, IDENTITY, Change, ChangeKind
from gql_live.commits import never_raises, publish_on_commit
from gql_live.compilers import wrap_compilers
from gql_live.tracking import concrete_model, derive, key_in

_UID = "gql_live.identity"
_EVERYBODY = Change(IDENTITY, EVERYBODY, ChangeKind.UPDATED)


def watch_identity() -> None:
    """Publish from now on what happens to users, their sessions, tokens, groups and permissions.

    Harmless to call again. To be called when all models are loaded.
    """
    wrap_compilers()
    user: Any = concrete_model(get_user_model())
    for table in (user, *user._meta.get_parent_list()):
        named = key_in(user, table) == user._meta.pk.attname
        derive(table, _of_users if named else _of_everybody)
    for name in ("groups", "user_permissions"):
        relation = getattr(user, name, None)
        if relation is not None:
            derive(relation.through, _Grants(relation))
    group: Any = apps.get_model("auth", "Group")
    derive(group, _of_groups)
    derive(group.permissions.through, _of_everybody)
    user_logged_in.connect(_on_login, dispatch_uid=_UID)
    user_logged_out.connect(_on_login, dispatch_uid=_UID)
    _watch_end("django.contrib.sessions", "sessions.Session", _on_session)
    _watch_end("rest_framework.authtoken", "authtoken.Token", _on_token)


def _watch_end(app: str, model: str, handler: Any) -> None:
    if apps.is_installed(app):
        post_delete.connect(handler, sender=apps.get_model(model), dispatch_uid=_UID)


def _of_users(changes: Sequence[Change], written: frozenset[str]) -> Sequence[Change]:
    if written == {"last_login"}:
        return ()  # who logs in is told of by itself
    return [_changed(change.pk) for change in changes]


class _Grants:
    """What the links between users and groups, or permissions, mean for users."""

    def __init__(self, relation: Any) -> None:
        link = relation.through._meta.get_field(relation.field.m2m_field_name())
        self._column = link.attname if link.target_field.primary_key else None

    def __call__(self, changes: Sequence[Change], _: frozenset[str]) -> Sequence[Change]:
        column = self._column
        users: set[Any] = set()
        for change in changes:
            if column is None or column not in change.values or column in change.moved:
                return [_EVERYBODY]
            users.update(change.values[column])
        return [_changed(user) for user in users]


def _of_groups(changes: Sequence[Change], _: frozenset[str]) -> Sequence[Change]:
    """A new one has nobody in it."""
    return [_EVERYBODY] if any(each.kind is not ChangeKind.CREATED for each in changes) else ()


def _of_everybody(_: Sequence[Change], __: frozenset[str]) -> Sequence[Change]:
    return [_EVERYBODY]


def _changed(user: Any) -> Change:
    return _EVERYBODY if user is None else Change(IDENTITY, str(user), ChangeKind.UPDATED)


def _announce(user: Any, using: str | None = None) -> None:
    if user is not None:
        publish_on_commit([_changed(user)], transaction.get_connection(using))


@never_raises
def _on_login(user: Any, **_: Any) -> None:
    if user is not None:
        _announce(user.pk)


@never_raises
def _on_session(instance: Any, using: str, **_: Any) -> None:
    # Whatever a session holds, its end must not fail; the next look finds that it ended.
    _announce(instance.get_decoded().get(SESSION_KEY), using)


@never_raises
def _on_token(instance: Any, using: str, **_: Any) -> None:
    _announce(instance.user_id, using)
