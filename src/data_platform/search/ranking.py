"""The order of hits that match alike: most views first, then best quality (none counts as 0), then by name.

It is kept twice. `rank` says all of it, as a text that ascends; tantivy takes 25 µs to look one up. `order` is a number
that descends, and says all but the end of the name: two hits with the same number, and only they, need their ranks.
"""

from __future__ import annotations

from functools import lru_cache

from data_platform.search.document import SearchDocument

_VIEWS, _QUALITY, _NAME = 26, 10, 28
"""Bits of the number; views beyond 67 million count as so many, and quality counts in tenths."""

_LETTERS = 5
_BASE = 45
_CODES = {code: number for number, code in enumerate((45, 46, 47, *range(48, 58)), 2)}
_CODES |= {code: number for number, code in enumerate((95, 96, *range(97, 123)), 16)}


def rank(document: SearchDocument) -> str:
    """Ascending, the order of hits."""
    beginning, _ = _order_coarsely(document.views, document.quality)
    return beginning + document.name


def order(document: SearchDocument) -> int:
    """Descending, the same order, as far as 64 bits hold it."""
    _, number = _order_coarsely(document.views, document.quality)
    return number | ((1 << _NAME) - 1 - _encode_beginning(document.name[:_LETTERS]))


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
