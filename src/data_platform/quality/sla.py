"""Promises over a window of days: how long data was fresh, how many reads worked, and what may still go wrong.

A window of N days holds today and the N-1 days before it, from local midnight to local midnight: its days have 23, 24
or 25 hours, as the clocks of the zone go. It is measured up to now.

Data is fresh at a moment when its newest value is no older than promised; before the first publish nothing is
measured. Compliance and error budget look at the same time, what was measured so far: the budget is overdrawn exactly
when compliance is below its objective. The freshness promise is held to `FRESHNESS_OBJECTIVE` of that time,
availability to what it says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from fractions import Fraction
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from data_platform.spec.product.model import Sla

FRESHNESS_OBJECTIVE = 99.0
"""The percentage of the time that a freshness promise must hold: "15 minutes" does not say how often."""
IN_USE = ("active", "deprecated")
"""Whose promises hold: a deprecated product is still read."""

_NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class SlaWindow:
    """Whole local days up to the end of today; `now` lies within."""

    begin: datetime
    now: datetime
    end: datetime
    zone: tzinfo

    @classmethod
    def from_days(cls, now: datetime, days: int, zone: tzinfo) -> SlaWindow:
        """The window of that many days, today among them."""
        today = now.astimezone(zone).date()
        first = today - timedelta(days=days - 1)
        return cls(find_midnight(first, zone), now, find_midnight(today + timedelta(days=1), zone), zone)


def load_zone(name: str) -> tzinfo:
    """The zone of that IANA name; UTC needs no database of zones."""
    return UTC if name == "UTC" else ZoneInfo(name)


def find_midnight(day: date, zone: tzinfo) -> datetime:
    """The first moment of a local day, in UTC; where the clocks skip midnight, the moment they do."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Published:
    """One publish, and the newest moment in its data; None where that is unknown."""

    at: datetime
    newest: datetime | None


def parse_moment(value: object, zone: tzinfo) -> datetime | None:
    """The moment that a column's recorded maximum means: naive in `zone`, a date as its first moment; else None."""
    if not isinstance(value, str):
        return None
    try:
        if len(value) == len("2026-11-23"):
            return find_midnight(date.fromisoformat(value), zone)
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def is_fresh(sla: Sla, published_at: datetime, statistics: Mapping[str, Any], now: datetime) -> bool:
    """Whether data published then keeps its promise now; what cannot be measured does not."""
    if sla.freshness is None:
        return True
    stale_at = find_stale_moment(sla, published_at, statistics)
    return stale_at is not None and now <= stale_at


def find_stale_moment(sla: Sla, published_at: datetime, statistics: Mapping[str, Any]) -> datetime | None:
    """Until when data published then keeps its promise; None where nothing is promised or it cannot be measured."""
    newest = find_newest_moment(sla, published_at, statistics)
    if newest is None or sla.freshness is None:
        return None
    return min(newest, published_at) + sla.freshness


def find_newest_moment(sla: Sla, published_at: datetime, statistics: Mapping[str, Any]) -> datetime | None:
    """The newest moment of a version's data: of its declared column, else its publish."""
    if sla.freshness_column is None:
        return published_at
    return parse_moment(statistics.get(sla.freshness_column, {}).get("max"), load_zone(sla.effective_timezone))


@dataclass(frozen=True, slots=True)
class Budget:
    """What was allowed to go wrong of all that was measured, in seconds or reads, and what did.

    `remaining` is below 0 once it is overdrawn. It grows with what is measured: what goes on well earns it back.
    """

    unit: str
    allowed: float
    used: float
    remaining: float

    @property
    def share_left(self) -> float:
        """The part that is left, in percent: 0 once it is overdrawn, 100 where nothing may go wrong and nothing did."""
        if not self.allowed:
            return 100.0 if self.remaining >= 0 else 0.0
        return max(0.0, round(100 * self.remaining / self.allowed, 1))

    @classmethod
    def from_usage(cls, unit: str, allowed: float, used: float) -> Budget:
        """The budget, to a millionth of a second or a read."""
        return cls(unit, round(allowed, 6), round(used, 6), round(allowed - used, 6))


@dataclass(frozen=True, slots=True)
class Freshness:
    """A freshness promise: now, over the window, and if nothing more is published.

    Percentages are 0–100, None while nothing was measured. If nothing more is published, the data becomes stale at
    `stale_at`, the budget is used up at `gone_at`, and at the window's end `at_end` of the time was fresh.
    """

    met: bool | None
    age: timedelta | None
    since: datetime | None
    compliance: float | None
    at_end: float | None
    budget: Budget | None
    stale_at: datetime | None
    gone_at: datetime | None


UNMEASURED = Freshness(None, None, None, None, None, None, None, None)


def measure_freshness(
    log: Sequence[Published], promised: timedelta, window: SlaWindow, objective: float = FRESHNESS_OBJECTIVE
) -> Freshness:
    """The promise over the window; `log` has its publishes, and the last one before it, oldest first."""
    publishes = [publish for publish in log if publish.at <= window.now]
    if not publishes:
        return UNMEASURED
    begin = max(window.begin, publishes[0].at)
    measured, fresh = measure_fresh_time(publishes, promised, begin, window.now)
    in_all, fresh_in_all = measure_fresh_time(publishes, promised, begin, window.end)
    stale = measured - fresh
    share = (100 - objective) / 100
    allowed = measured * share
    newest = _limit_newest(publishes[-1])
    stale_at = newest + promised if newest is not None else None
    left = allowed - stale
    return Freshness(
        met=None if stale_at is None else window.now <= stale_at,
        age=None if newest is None else window.now - newest,
        since=begin,
        compliance=calculate_percent(fresh, measured),
        at_end=calculate_percent(fresh_in_all, in_all),
        budget=Budget.from_usage("seconds", allowed.total_seconds(), stale.total_seconds()),
        stale_at=stale_at,
        gone_at=_estimate_gone(window.now, stale_at, left, share)
        if stale_at is not None and left >= _NOTHING
        else None,
    )


def _estimate_gone(now: datetime, stale_at: datetime, left: timedelta, share: float) -> datetime | None:
    """When the budget is used up if nothing more is published; until then it grows by `share` of the time."""
    fresh_yet = max(stale_at - now, _NOTHING)
    return now + (left + fresh_yet) / (1 - share) if share < 1 else None


def measure_fresh_time(
    log: Sequence[Published], promised: timedelta, begin: datetime, end: datetime
) -> tuple[timedelta, timedelta]:
    """How long was measured from `begin` to `end`, and how much of it the data was fresh; `log` is oldest first."""
    measured = fresh = _NOTHING
    for publish, stands_until in _iterate_current(log, end):
        since = max(publish.at, begin)
        newest = _limit_newest(publish)
        if newest is None or stands_until <= since:
            continue
        measured += stands_until - since
        fresh += max(min(stands_until, newest + promised) - since, _NOTHING)
    return measured, fresh


def _iterate_current(log: Sequence[Published], end: datetime) -> Iterator[tuple[Published, datetime]]:
    """Each publish with the moment until which it is the newest."""
    for publish, following in pairwise(log):
        yield publish, min(following.at, end)
    if log:
        yield log[-1], end


def _limit_newest(publish: Published) -> datetime | None:
    """Data is never newer than its publish: a value from the future would keep it fresh for ever."""
    return None if publish.newest is None else min(publish.newest, publish.at)


@dataclass(frozen=True, slots=True)
class Availability:
    """An availability promise over the window: reads that were allowed, and how many of them failed."""

    met: bool | None
    reads: int
    failed: int
    since: datetime | None
    compliance: float | None
    budget: Budget | None


def measure_availability(reads: int, failed: int, first: datetime | None, target: float) -> Availability:
    """The promise of `target` percent, over `reads` in the window since the `first` of them.

    Of the reads recorded so far, as many may fail as the promise leaves over.
    """
    if not reads or first is None:
        return Availability(None, 0, 0, None, None, None)
    share = float(Fraction(100 * (reads - failed), reads))
    budget = Budget.from_usage("reads", reads * (100 - target) / 100, failed)
    return Availability(share >= target, reads, failed, first, round(share, 4), budget)


def calculate_percent(part: timedelta, whole: timedelta) -> float | None:
    """The part in percent, None of nothing."""
    return round(100 * (part / whole), 4) if whole > _NOTHING else None
