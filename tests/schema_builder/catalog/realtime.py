"""Found by gql_live in every process."""

from gql_live import RealtimeRouter
from tests.schema_builder.catalog.views import VIEWS

router = RealtimeRouter()
for registration in VIEWS:
    router.register(registration.view, registration.name)
