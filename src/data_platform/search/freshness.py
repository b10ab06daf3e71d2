"""Whether a product's data is as new as promised, judged at the moment of the question.

The index holds the moment at which the first promise ends, never that it has ended.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from data_platform.search.document import SearchDocument

FreshnessState = Literal["on_time", "late", "unknown", "not_promised"]
"""`unknown`: a promise that cannot be measured, since nothing is published or the newest value is not recorded."""

FRESHNESS_STATES: tuple[FreshnessState, ...] = get_args(FreshnessState)
ON_TIME, LATE, UNKNOWN, NOT_PROMISED = FRESHNESS_STATES

DATED = "dated"
"""What the index says of a promise with an end; of the others it says UNKNOWN or NOT_PROMISED."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def judge_freshness(document: SearchDocument, now: datetime) -> FreshnessState:
    """The state at that moment; data is late after `stale_at`, and not at it."""
    if document.stale_at is not None:
        return "late" if now > document.stale_at else "on_time"
    return "unknown" if document.promises_freshness else "not_promised"


def describe_promise(document: SearchDocument) -> str:
    """What the index says of the promise, whatever the time."""
    if document.stale_at is not None:
        return DATED
    return UNKNOWN if document.promises_freshness else NOT_PROMISED


def count_microseconds(at: datetime) -> int:
    """The moment as a number, exactly."""
    return (at - EPOCH) // _MICROSECOND
