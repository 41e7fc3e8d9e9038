"""Models of the schema builder fixture views."""
