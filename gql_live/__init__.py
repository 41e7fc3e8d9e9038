"""GraphQL subscriptions from an existing Django REST Framework API."""
