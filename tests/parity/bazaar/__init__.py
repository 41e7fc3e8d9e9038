"""A project whose columns and serializers are those of other packages."""
