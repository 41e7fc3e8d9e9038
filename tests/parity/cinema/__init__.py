"""A project of its own: views of many kinds, to compare GraphQL with REST over."""
