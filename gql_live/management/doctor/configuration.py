"""``GQL_LIVE``: keys that mean nothing, and values that make no sense or are seldom meant."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

from django.apps import apps
from django.conf import settings
from django.utils.module_loading import import_string

from gql_live.checks import check_settings
from gql_live.conf import DEFAULTS, configured, setting
from gql_live.management.doctor.findings import Finding, broken, note, ok, warning
from gql_live.schema_builder import Options

_NUMBERS: Final = (int, float)
_ABOVE_ZERO: Final = frozenset(
    {"INIT_TIMEOUT", "KEEPALIVE", "SHUTDOWN_PACE", "RECONSIDER_EVERY", "MAX_MESSAGES_PER_SECOND"}
)


def _is_a_proxys(header: str) -> bool:
    return header.startswith(("x-forwarded", "forwarded", "x-real-ip")) or "remote-user" in header


_CHOICES: Final = {
    name.upper(): get_args(hint)
    for name, hint in get_type_hints(Options).items()
    if get_origin(hint) is Literal
}
"""Settings that are one of a few words, as the schema's options declare them."""


@dataclass(frozen=True, slots=True)
class _Advice:
    """``finding`` where a setting's value is ``odd``."""

    key: str
    odd: Callable[[Any], bool]
    finding: Finding


_ADVICE: Final = (
    _Advice(
        "KEEPALIVE",
        lambda seconds: seconds >= 60,
        warning(
            "settings.keepalive",
            "KEEPALIVE is a minute or more: many proxies close a socket that is silent for one.",
            "Stay below the idle time-out of every proxy on the way (nginx, ALB: 60 s).",
        ),
    ),
    _Advice(
        "SHUTDOWN_SECONDS",
        lambda seconds: seconds > 25,
        warning(
            "settings.shutdown",
            "SHUTDOWN_SECONDS leaves the server little of the 30 s after which most supervisors "
            "kill.",
            "Lower it, or raise terminationGracePeriodSeconds (Docker: stop_grace_period).",
        ),
    ),
    _Advice(
        "RECONSIDER_EVERY",
        lambda seconds: seconds > 60,
        note(
            "settings.reconsider",
            "RECONSIDER_EVERY is more than a minute: for so long a permission that is lost outside "
            "Django goes on to count.",
        ),
    ),
    _Advice(
        "CREDENTIAL_HEADERS",
        lambda names: any(_is_a_proxys(name.lower()) for name in names),
        warning(
            "settings.credentials",
            "CREDENTIAL_HEADERS names a header that a proxy vouches for: any client may claim it.",
            "Leave it to the proxy: the handshake's own headers count in any case.",
        ),
    ),
    _Advice(
        "EVALUATION_THREADS",
        lambda threads: threads == 0,
        warning(
            "settings.threads",
            "EVALUATION_THREADS is 0: views run one at a time, in the thread that synchronous "
            "code shares.",
            "Only tests in a TestCase need that; the default is 4.",
        ),
    ),
)


def examine_configuration() -> Iterator[Finding]:
    """Every key and value of ``GQL_LIVE``."""
    unknown = [
        broken("settings.unknown", str(each.msg), each.hint or "") for each in check_settings(None)
    ]
    yield from unknown
    if unknown and not isinstance(getattr(settings, "GQL_LIVE", {}), dict):
        return
    ours = {key: value for key, value in configured().items() if key in DEFAULTS}
    faults = [fault for key, value in ours.items() if (fault := _fault(key, value))]
    yield from faults
    if not faults:
        yield from (each.finding for each in _ADVICE if each.odd(setting(each.key)))
        yield from _unknown_names()
        yield from _open_to_all()
    changed = ", ".join(f"{key} = {value!r}" for key, value in ours.items())
    yield ok("settings.changed", f"GQL_LIVE sets {changed}." if changed else "All are defaults.")


def _fault(key: str, value: Any) -> Finding | None:
    """Why a value makes no sense, if so."""
    choices = _CHOICES.get(key)
    if choices is not None:
        expected = " or ".join(map(repr, choices))
        fits = value in choices
    elif isinstance(DEFAULTS[key], _NUMBERS) and not isinstance(DEFAULTS[key], bool):
        above = key in _ABOVE_ZERO
        expected = "a number above 0" if above else "a number, 0 or more"
        fits = isinstance(value, _NUMBERS) and not isinstance(value, bool)
        fits = fits and (value > 0 if above else value >= 0)
    else:
        kind = type(DEFAULTS[key])
        expected = f"a {kind.__name__}"
        fits = isinstance(value, (list, tuple) if kind is list else kind)
    if fits:
        return None
    return broken(
        "settings.value",
        f"GQL_LIVE[{key!r}] is {value!r}, not {expected}.",
        f"The default is {DEFAULTS[key]!r}.",
    )


def _unknown_names() -> Iterator[Finding]:
    for path in setting("MIDDLEWARE"):
        try:
            middleware = import_string(path)
        except ImportError as error:
            yield broken("settings.middleware", f"GQL_LIVE['MIDDLEWARE']: {error}.")
        else:
            if not getattr(middleware, "sync_capable", True):
                said = f"GQL_LIVE['MIDDLEWARE']: {path} cannot run synchronously."
                yield broken("settings.middleware", said)
    for label in setting("UNTRACKED"):
        try:
            apps.get_model(label)
        except (LookupError, ValueError):
            yield broken("settings.untracked", f"GQL_LIVE['UNTRACKED']: {label!r} is no model.")


def _open_to_all() -> Iterator[Finding]:
    shown = [key for key in ("GRAPHIQL", "INTROSPECTION") if setting(key)]
    if shown and not settings.DEBUG:
        yield note(
            "settings.open",
            f"{' and '.join(shown)}: everybody may read the schema, though DEBUG is off.",
            "Where that is not meant, set them to False.",
        )
