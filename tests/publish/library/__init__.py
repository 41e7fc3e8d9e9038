"""An app whose models are related in every way that a write can travel along."""
