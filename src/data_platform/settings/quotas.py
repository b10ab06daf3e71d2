"""What a domain may use at most, as settings.toml declares it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_SIZE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?) ?([kMGT]i?B)")
_UNITS = {"kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_BINARY_UNITS = {"kiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}


@dataclass(frozen=True, slots=True)
class Quota:
    """What one domain may use: bytes of all its versions, publishes at once, seconds of queries in an hour.

    None is no limit.
    """

    stored: int | None = None
    publishes: int | None = None
    query_seconds: int | None = None

    @classmethod
    def from_settings(cls, values: Mapping[str, Any]) -> Quota:
        """The quota of a table whose values passed their checks."""
        stored = parse_size(values["stored"]) if "stored" in values else None
        return cls(stored, values.get("publishes"), values.get("query_seconds"))


def parse_size(text: str) -> int:
    """The bytes of a size such as `100 GB` or `1.5 TiB`; raises ValueError."""
    match = _SIZE.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return round(float(match[1]) * (_UNITS | _BINARY_UNITS)[match[2]])


def check_size(value: object) -> str | None:
    """Returns the problem of a size, or None."""
    try:
        right = isinstance(value, str) and parse_size(value) >= 0
    except ValueError:
        right = False
    return None if right else 'this must be a size, such as "100 GB" or "512 MiB"'
