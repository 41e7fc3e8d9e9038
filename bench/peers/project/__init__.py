"""The project that is measured, with each of the peers in the place of gql_live."""
