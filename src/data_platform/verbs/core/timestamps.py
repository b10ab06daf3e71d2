"""Timestamps as people write them: a date, an instant, or a duration from now."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from data_platform.errors import BadInput
from data_platform.spec.product.duration import DURATION, parse_duration

Moment = datetime | date | str
_PERIOD = re.compile(r"([0-9]{1,9}) ?([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_moment(value: Moment) -> datetime:
    """A moment; a date means its first instant, and what has no zone is UTC. Raises BadInput."""
    return _parse_instant(value, f"as_of {value!r} is no moment", "write 2026-01-31 or 2026-01-31T09:30:00+01:00")


def parse_end(value: Moment, now: datetime) -> datetime:
    """When something is to end: a moment, or a text such as `30 days`, `30d`, `8h`, `15m` or `30s`, from now.

    Raises BadInput.
    """
    if isinstance(value, str) and (period := _PERIOD.fullmatch(value.strip())):
        value = f"{period[1]} {_UNITS[period[2]]}"
    if isinstance(value, str) and DURATION.fullmatch(value.strip()):
        try:
            return now + parse_duration(value)
        except ValueError as error:
            what, hint = error.args
            raise BadInput(f"{value!r} {what}", hint=hint) from None
    return _parse_instant(value, f"{value!r} is no date to end at", 'write 2027-01-31, or how long from now: "30 days"')


def _parse_instant(value: Moment, wrong: str, hint: str) -> datetime:
    try:
        instant = datetime.fromisoformat(value if isinstance(value, str) else value.isoformat())
    except (ValueError, AttributeError):
        raise BadInput(wrong, hint=hint) from None
    return to_utc(instant if instant.tzinfo else instant.replace(tzinfo=UTC))


def to_utc(instant: datetime) -> datetime:
    """The instant in UTC, as the record keeps it. Raises BadInput for what lies in no year from 1 to 9999 there."""
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise BadInput(f"{instant.isoformat()} lies outside the years 1 to 9999 of UTC", hint=_HINT) from None


_HINT = "write such a moment in UTC: 0001-01-01T00:00:00Z is the first, 9999-12-31T23:59:59.999999Z the last"
