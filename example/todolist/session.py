"""Signing in and out from the page: `/session/`, JSON both ways."""

import json

from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_http_methods


def _credentials(request: HttpRequest) -> dict[str, str]:
    """The username and password of the request's body; whatever is missing or no text is empty."""
    try:
        body = json.loads(request.body)
    except ValueError:
        body = None
    fields = body if isinstance(body, dict) else {}
    return {name: str(fields.get(name, "")) for name in ("username", "password")}


@require_http_methods(["GET", "POST", "DELETE"])
def session(request: HttpRequest) -> JsonResponse:
    """Tell who is signed in (GET), sign in (POST username and password), or sign out (DELETE).

    Answers `{"user": name or null}`; 403 with `{"detail": ...}` for a wrong name or password.
    """
    if request.method == "POST":
        user = authenticate(request, **_credentials(request))
        if user is None:
            return JsonResponse({"detail": "Unknown name or wrong password."}, status=403)
        login(request, user)
    elif request.method == "DELETE":
        logout(request)
    return JsonResponse({"user": request.user.get_username() or None})
