"""An ASGI module that cannot be imported."""

raise RuntimeError("the asgi module is at fault")
