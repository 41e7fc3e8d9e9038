"""Everything that a REST answer is made of: derived from serializers and querysets where they say
it, observed where they do not.
"""

from gql_live.dependencies.audit import Audit, audit
from gql_live.dependencies.content import ContentReach, content_reach
from gql_live.dependencies.declared import declared_models
from gql_live.dependencies.observing import models_in_sql, observe_opaque, observed_tables
from gql_live.dependencies.querysets import QuerysetReach, added_names, queryset_reach
from gql_live.dependencies.remembered import columns_of, remembered

__all__ = [
    "Audit",
    "ContentReach",
    "QuerysetReach",
    "added_names",
    "audit",
    "columns_of",
    "content_reach",
    "declared_models",
    "models_in_sql",
    "observe_opaque",
    "observed_tables",
    "queryset_reach",
    "remembered",
]
