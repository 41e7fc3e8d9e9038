"""Users, rows and addresses for requests over HTTP."""

from tests.runtime.conftest import people, task

__all__ = ["people", "task"]
