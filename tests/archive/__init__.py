"""SQLite for a database that a test adds by itself."""
