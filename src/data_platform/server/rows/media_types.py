"""Which of the media types of an answer a caller accepts (RFC 9110, 12.5.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from data_platform.server.problem_replies import HttpProblem

ARROW = "application/vnd.apache.arrow.stream"
PARQUET = "application/vnd.apache.parquet"
CSV = "text/csv"
JSON_LINES = "application/x-ndjson"
EVENTS = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Accepted:
    """A media type, or a range of them, that a caller accepts."""

    media_type: str
    quality: float = 1.0
    parameters: Mapping[str, str] = field(default_factory=dict)

    def matches(self, offered: str) -> bool:
        """Whether the range includes the media type."""
        kind, _, subtype = self.media_type.partition("/")
        return self.media_type in ("*/*", offered) or (subtype == "*" and offered.startswith(f"{kind}/"))

    @property
    def precision(self) -> int:
        """The more precise of two ranges decides."""
        return 2 - self.media_type.count("*")


def choose_media_type(accept: str | None, offered: Sequence[str]) -> Accepted:
    """The best of the offered media types, which stand in the server's order of preference; raises HttpProblem."""
    ranges = [_parse_range(part) for part in (accept or "*/*").split(",") if part.strip()]
    best: Accepted | None = None
    for media_type in offered:
        matching = [item for item in ranges if item.matches(media_type)]
        if not matching:
            continue
        chosen = max(matching, key=lambda item: item.precision)
        if chosen.quality > 0 and (best is None or chosen.quality > best.quality):
            best = Accepted(media_type, chosen.quality, chosen.parameters)
    if best is None:
        raise HttpProblem(406, f"this is answered as {', '.join(offered)}", hint="accept one of them")
    return best


def accepts(accept: str | None, media_type: str) -> bool:
    """Whether a caller asks for the media type by its name."""
    return any(
        item.media_type == media_type and item.quality > 0 for item in map(_parse_range, (accept or "").split(","))
    )


def _parse_range(text: str) -> Accepted:
    name, *pairs = (part.strip() for part in text.split(";"))
    parameters = {
        key.strip().lower(): value.strip().strip('"') for key, _, value in (pair.partition("=") for pair in pairs)
    }
    try:
        quality = float(parameters.pop("q", "1"))
    except ValueError:
        quality = 0.0
    return Accepted(name.lower(), min(max(quality, 0.0), 1.0), parameters)
