"""Who hears of a product's incidents, and who is on call: channels with their terms, and rotations by week."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from typing import Any
from zoneinfo import ZoneInfo

_WEEK = timedelta(days=7)
_FIRST_MONDAY = date(1970, 1, 5)
_MIDNIGHT = time(0)


class AlertSeverity(IntEnum):
    """How grave an incident is, the least grave first; its name in lower case is what people write."""

    LOW = 0
    MEDIUM = 1
    HIGH = 2
    CRITICAL = 3

    @classmethod
    def of(cls, name: str | None) -> AlertSeverity:
        """The severity of that name; an incident older than severities is of the lowest."""
        return cls.LOW if name is None else cls[name.upper()]

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours of each local day in which messages wait; they may reach over midnight. `timezone` is an IANA name."""

    begin: time
    end: time
    timezone: str = "UTC"

    def find_end(self, now: datetime) -> datetime | None:
        """When the quiet hours end that `now` lies in; None outside of them."""
        local = now.astimezone(ZoneInfo(self.timezone))
        clock = local.time().replace(tzinfo=None)
        is_in_day = self.begin < self.end
        if not (self.begin <= clock < self.end if is_in_day else not self.end <= clock < self.begin):
            return None
        day = local.date() + timedelta(days=1) if clock >= self.end else local.date()
        return datetime.combine(day, self.end, local.tzinfo).astimezone(now.tzinfo)


@dataclass(frozen=True, slots=True)
class AlertTerms:
    """What a channel is sent: incidents that are at least as grave, outside of its quiet hours."""

    severity: AlertSeverity = AlertSeverity.LOW
    quiet_hours: QuietHours | None = None


EVERY_ALERT = AlertTerms()
"""The terms of a channel that says nothing."""


@dataclass(frozen=True, slots=True)
class WeeklyHandover:
    """When a rotation hands over to the next person: every week, from the local day `starts`, at a time of day.

    `timezone` is an IANA name.
    """

    starts: date = _FIRST_MONDAY
    at: time = _MIDNIGHT
    timezone: str = "UTC"


def find_person_on_call(people: Sequence[str], handover: WeeklyHandover | None, now: datetime) -> str | None:
    """Who of the people is on call at a moment; they take turns by week. None where nobody is declared.

    A week begins at the handover by local time, so it has an hour more or less when the clocks change. Without a
    handover weeks begin on Mondays at midnight UTC, and the first person has the week of 5 January 1970.
    """
    if not people:
        return None
    turn = handover or WeeklyHandover()
    local = now.astimezone(ZoneInfo(turn.timezone)).replace(tzinfo=None)
    weeks = (local - datetime.combine(turn.starts, turn.at)) // _WEEK
    return people[weeks % len(people)]


def serialize_alerts(channels: Iterable[str], terms: Mapping[str, AlertTerms]) -> list[Any]:
    """The channels as a list of JSON: a name, or a mapping where it has terms."""
    return [_serialize_channel(channel, terms[channel]) if channel in terms else channel for channel in channels]


def restore_alerts(stored: Iterable[Any]) -> tuple[tuple[str, ...], dict[str, AlertTerms]]:
    """The channels and their terms that `serialize_alerts` wrote; what is neither text nor a mapping is left out."""
    channels: list[str] = []
    terms: dict[str, AlertTerms] = {}
    for entry in stored:
        if isinstance(entry, str):
            channels.append(entry)
        elif isinstance(entry, Mapping):
            channel = str(entry["channel"])
            channels.append(channel)
            terms[channel] = _restore_terms(entry)
    return tuple(channels), terms


def serialize_oncall(people: Sequence[str], handover: WeeklyHandover | None) -> list[str] | dict[str, Any]:
    """The people as a list, or as a mapping with their handover."""
    if handover is None:
        return list(people)
    return {
        "rotation": list(people),
        "starts": handover.starts.isoformat(),
        "handover": f"{handover.at:%H:%M}",
        "timezone": handover.timezone,
    }


def restore_oncall(stored: Any) -> tuple[tuple[str, ...], WeeklyHandover | None]:
    """The people and the handover that `serialize_oncall` wrote."""
    if not isinstance(stored, Mapping):
        return tuple(item for item in stored or () if isinstance(item, str)), None
    at = time.fromisoformat(stored["handover"])
    handover = WeeklyHandover(date.fromisoformat(stored["starts"]), at, str(stored["timezone"]))
    return tuple(map(str, stored["rotation"])), handover


def _serialize_channel(channel: str, terms: AlertTerms) -> dict[str, Any]:
    entry: dict[str, Any] = {"channel": channel, "severity": str(terms.severity)}
    if (quiet := terms.quiet_hours) is not None:
        hours = {"from": f"{quiet.begin:%H:%M}", "until": f"{quiet.end:%H:%M}", "timezone": quiet.timezone}
        entry["quiet_hours"] = hours
    return entry


def _restore_terms(entry: Mapping[str, Any]) -> AlertTerms:
    quiet = entry.get("quiet_hours")
    hours = None
    if quiet is not None:
        hours = QuietHours(time.fromisoformat(quiet["from"]), time.fromisoformat(quiet["until"]), quiet["timezone"])
    return AlertTerms(AlertSeverity.of(entry.get("severity")), hours)
