"""Durations as text: "15 minutes", "1.5 hours", "1 day".

One number and one unit, written out: `m` means minutes in one tool and months in the next. Months and years are
refused because they have no length.
"""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
LONGEST = timedelta(days=36_500)

DURATION = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?) ?([A-Za-z]+)")
_SHORT = {
    "s": "second",
    "sec": "second",
    "m": "minute",
    "min": "minute",
    "h": "hour",
    "hr": "hour",
    "d": "day",
    "w": "week",
}
_UNCERTAIN = {"month": "30 days", "year": "365 days"}


def parse_duration(text: str) -> timedelta:
    """The duration; ValueError's two arguments are what is wrong and what to write instead."""
    if re.fullmatch(r"[0-9.]+", text.strip()):
        raise ValueError("has no unit", f'write "{text.strip()[:20]} minutes", or seconds, hours, days, weeks')
    match = DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError("is no duration", 'write one number and one unit, such as "15 minutes" or "1 day"')
    number, unit = Decimal(match[1]), match[2].lower().removesuffix("s") or "s"
    if unit in _UNCERTAIN:
        raise ValueError(
            f"is uncertain: a {unit} has no fixed length", f'write it in days, such as "{_UNCERTAIN[unit]}"'
        )
    if unit not in UNITS:
        long_unit = _SHORT.get(unit)
        hint = f'write "{match[1]} {long_unit}s"' if long_unit else f"the units are {', '.join(f'{u}s' for u in UNITS)}"
        raise ValueError(f"has the unknown unit {match[2][:20]}", hint)
    seconds = number * UNITS[unit]
    if not 0 < seconds <= LONGEST.days * 86_400:
        raise ValueError("is out of range", "write more than 0 seconds and at most 36500 days")
    return timedelta(microseconds=int(seconds * 1_000_000))
