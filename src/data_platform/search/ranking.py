"""The orders of hits. By use: most views first, then best quality (none counts as 0). By date: the last publish first,
and last what was never published. Equal ones are in the order of their names.

Each is kept twice. `rank` says all of it, as a text that ascends; tantivy takes 25 µs to look one up. `order` is a
number that descends, and says all but the end of the name: two hits with the same number, and only they, need their
ranks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from data_platform.search.document import SearchDocument

_VIEWS, _QUALITY, _NAME = 26, 10, 28
"""Bits of the number; views beyond 67 million count as so many, and quality counts in tenths."""

_DATE = 64 - _NAME
"""Bits of a date, which counts sixteenths of a second; dates beyond 2106 count as then."""
_PARTS = 16
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_LETTERS = 5
_BASE = 45
_CODES = {code: number for number, code in enumerate((45, 46, 47, *range(48, 58)), 2)}
_CODES |= {code: number for number, code in enumerate((95, 96, *range(97, 123)), 16)}


@dataclass(frozen=True, slots=True)
class Ordering:
    """An order of hits, and the fields of the index that have it."""

    order_field: str
    rank_field: str
    order: Callable[[SearchDocument], int]
    rank: Callable[[SearchDocument], str]


def rank(document: SearchDocument) -> str:
    """Ascending, the order of hits by use."""
    beginning, _ = _order_coarsely(document.views, document.quality)
    return beginning + document.name


def order(document: SearchDocument) -> int:
    """Descending, the same order, as far as 64 bits hold it."""
    _, number = _order_coarsely(document.views, document.quality)
    return number | _order_by_name(document.name)


def rank_by_date(document: SearchDocument) -> str:
    """Ascending, the order of hits by their last publish."""
    return f"{(1 << _DATE) - 1 - _count_parts(document.published_at):011d}{document.name}"


def order_by_date(document: SearchDocument) -> int:
    """Descending, the same order, as far as 64 bits hold it."""
    return _count_parts(document.published_at) << _NAME | _order_by_name(document.name)


BY_USE = Ordering("order", "rank", order, rank)
BY_DATE = Ordering("date_order", "date_rank", order_by_date, rank_by_date)


def _count_parts(at: datetime | None) -> int:
    """A date as a number from 1, and 0 for none."""
    return 0 if at is None else min(max(int((at - _EPOCH).total_seconds() * _PARTS), 1), (1 << _DATE) - 1)


def _order_by_name(name: str) -> int:
    return (1 << _NAME) - 1 - _encode_beginning(name[:_LETTERS])


@lru_cache(maxsize=10_000)
def _order_coarsely(views: int, quality: float | None) -> tuple[str, int]:
    """What both begin with: the text that ascends, and the number that descends."""
    counted, tenths = min(views, (1 << _VIEWS) - 1), round(10 * min(max(quality or 0.0, 0.0), 100.0))
    return f"{(1 << _VIEWS) - counted:08d}{1000 - tenths:04d}", (counted << _QUALITY | tenths) << _NAME


@lru_cache(maxsize=10_000)
def _encode_beginning(name: str) -> int:
    """The first letters as a number that grows with the name; it ends at a letter without a code of its own."""
    number, is_encoded = 0, True
    for at in range(_LETTERS):
        code = ord(name[at]) if is_encoded and at < len(name) else 0
        encoded = _CODES.get(code)
        number = number * _BASE + (encoded or _encode_other(code))
        is_encoded = is_encoded and encoded is not None
    return number


def _encode_other(code: int) -> int:
    """Of a letter without a code of its own, and of none."""
    return 0 if not code else 1 if code < 45 else 15 if code < 95 else 44
