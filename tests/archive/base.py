"""SQLite, which Django's tests let nobody open unless it is configured for all of them."""

from typing import Any

from django.db import connections
from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that opens when it is needed, in any thread, to the file that is the test's."""

    def ensure_connection(self) -> None:
        known: Any = connections.settings
        if self.settings_dict["NAME"] != known[self.alias]["NAME"]:
            self.close()  # that of an earlier test, in a thread that outlived it
            self.settings_dict = known[self.alias]
        if self.connection is None:
            with self.wrap_database_errors:
                self.connect()
