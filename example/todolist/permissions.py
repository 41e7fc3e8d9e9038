"""Who may change what they see."""

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from todolist.models import List


class IsListOwnerOrReadOnly(BasePermission):
    """Members read a list; only its owner renames it, shares it or deletes it."""

    def has_object_permission(self, request: Request, _view: APIView, obj: List) -> bool:
        return request.method in SAFE_METHODS or obj.owner == request.user
