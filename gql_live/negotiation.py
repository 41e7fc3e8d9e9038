"""Which media type a client wants (RFC 9110 §12.5.1). Sans-I/O."""

from collections.abc import Iterator, Sequence


class Accept:
    """An ``Accept`` header. None, and an empty one, take anything.

    Parameters other than ``q`` are passed over: nothing that is served here has any but a charset,
    and that is always UTF-8. A range that makes no sense is passed over, too.
    """

    def __init__(self, header: str | None) -> None:
        self._qualities: dict[str, tuple[float, int]] = {}
        for position, (media_range, quality) in enumerate(_ranges(header or "*/*")):
            self._qualities.setdefault(media_range, (quality, -position))

    def best_of(self, offered: Sequence[str]) -> str | None:
        """The media type that the client likes best of those ``offered``; None if it takes none.

        Among those that it likes equally, the one that its header names first, then the one that
        is offered first.
        """
        best = max(offered, key=self._liking, default=None)
        return best if best is not None and self._liking(best)[0] > 0 else None

    def names(self, media_type: str) -> bool:
        """Whether the client takes ``media_type`` and says so by its name; ``*/*`` names none."""
        return self._qualities.get(media_type, (0.0, 0))[0] > 0

    def _liking(self, media_type: str) -> tuple[float, int]:
        """The quality that the most specific range gives it, and how early that range stands."""
        for media_range in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
            if media_range in self._qualities:
                return self._qualities[media_range]
        return 0.0, 0


def _ranges(header: str) -> Iterator[tuple[str, float]]:
    for element in header.lower().split(","):
        media_range, *parameters = (part.strip() for part in element.split(";"))
        if "/" in media_range:
            yield media_range, _quality(parameters)


def _quality(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 1.0
    return 1.0
