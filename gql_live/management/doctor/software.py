"""What is installed."""

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Final

from gql_live.management.doctor.findings import Finding, ok, warning

_PACKAGES: Final = (
    "gql-live",
    "Django",
    "djangorestframework",
    "channels",
    "graphql-core",
    "ariadne",
    "channels-redis",
    "redis",
    "django-filter",
    "daphne",
    "hypercorn",
    "uvicorn",
    "prometheus-client",
)


def examine_software() -> Iterator[Finding]:
    """Versions, and an ASGI server that speaks WebSocket."""
    installed = dict(_installed())
    versions = ", ".join(f"{name} {number}" for name, number in installed.items())
    yield ok("software.versions", f"Python {platform.python_version()}, {versions}.")
    if "uvicorn" in installed and not (find_spec("websockets") or find_spec("wsproto")):
        yield warning(
            "software.uvicorn",
            "uvicorn is installed without a WebSocket library: it answers every socket with 404.",
            "pip install 'uvicorn[standard]'",
        )


def _installed() -> Iterator[tuple[str, str]]:
    for name in _PACKAGES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue
