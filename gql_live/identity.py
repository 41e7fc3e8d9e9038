"""From a change of who somebody is, or what they may do, to a change that audiences hear of.

A row can become invisible without being written: its reader logs out, is deactivated, leaves a
group. Those who watch are told that the user changed, never which session or token: its key is a
secret, and changes travel.
"""

from collections.abc import Collection, Iterable
from typing import Any

from django.apps import apps
from django.contrib.auth import SESSION_KEY, get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db import transaction
from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save

from gql_live.changes import EVERYBODY, IDENTITY, Change, ChangeKind
from gql_live.commits import never_raises, publish_on_commit

_UID = "gql_live.identity"


def watch_identity() -> None:
    """Publish from now on what happens to users, their sessions, tokens, groups and permissions.

    Harmless to call again.
    """
    user: Any = get_user_model()
    post_save.connect(_on_user, sender=user, dispatch_uid=_UID)
    post_delete.connect(_on_user, sender=user, dispatch_uid=_UID)
    for name in ("groups", "user_permissions"):
        relation = getattr(user, name, None)
        if relation is not None:
            m2m_changed.connect(_on_grant, sender=relation.through, dispatch_uid=_UID)
    user_logged_in.connect(_on_login, dispatch_uid=_UID)
    user_logged_out.connect(_on_login, dispatch_uid=_UID)
    _watch_installed("auth", "Group", _on_group)
    _watch_installed("sessions", "Session", _on_session)
    _watch_installed("authtoken", "Token", _on_token)


def _watch_installed(app: str, name: str, handler: Any) -> None:
    if not apps.is_installed(_HOMES[app]):
        return
    model: Any = apps.get_model(app, name)
    post_delete.connect(handler, sender=model, dispatch_uid=_UID)
    if name == "Group":
        m2m_changed.connect(handler, sender=model.permissions.through, dispatch_uid=_UID)


_HOMES = {
    "auth": "django.contrib.auth",
    "sessions": "django.contrib.sessions",
    "authtoken": "rest_framework.authtoken",
}


def _announce(users: Iterable[Any], using: str | None = None) -> None:
    changes = [Change(IDENTITY, str(user), ChangeKind.UPDATED) for user in users]
    publish_on_commit(changes, transaction.get_connection(using))


@never_raises
def _on_user(
    instance: Model, using: str, update_fields: Collection[str] | None = None, **_: Any
) -> None:
    """Saved or deleted. When somebody logs in, that is told by itself."""
    if update_fields is None or set(update_fields) != {"last_login"}:
        _announce([instance.pk], using)


@never_raises
def _on_grant(
    instance: Model, reverse: bool, pk_set: set[Any] | None, using: str, **_: Any
) -> None:
    """A user's groups or permissions, from either side."""
    if not reverse:
        _announce([instance.pk], using)
    else:
        _announce([EVERYBODY] if pk_set is None else pk_set, using)


@never_raises
def _on_login(user: Any, **_: Any) -> None:
    if user is not None:
        _announce([user.pk])


@never_raises
def _on_group(using: str, **_: Any) -> None:
    _announce([EVERYBODY], using)


@never_raises
def _on_session(instance: Any, using: str, **_: Any) -> None:
    # Whatever a session holds, its end must not fail; the next look finds that it ended.
    user = instance.get_decoded().get(SESSION_KEY)
    if user is not None:
        _announce([user], using)


@never_raises
def _on_token(instance: Any, using: str, **_: Any) -> None:
    _announce([instance.user_id], using)
