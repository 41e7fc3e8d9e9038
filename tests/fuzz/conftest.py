"""The served test project, as the tests of liveness have it."""

from tests.liveness.conftest import database, prepared_database

__all__ = ["database", "prepared_database"]
