"""Who opens a socket: whoever the token in its URL belongs to."""

from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.middleware import BaseMiddleware
from django.contrib.auth.models import User


class TokenMiddleware(BaseMiddleware):
    """Puts the user into the scope, as Channels' documentation has it for a token."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        """Serve a socket ``?token=…``."""
        [token] = parse_qs(scope["query_string"].decode())["token"]
        scope = {**scope, "user": await _user_of(token)}
        return await super().__call__(scope, receive, send)


@database_sync_to_async
def _user_of(token: str) -> User:
    return User.objects.get(auth_token=token)
