"""The order of hits that match alike: most views first, then best quality (none counts as 0), then by name.

It is kept twice. `rank` says all of it, as a text that ascends; tantivy takes 25 µs to look one up. `order` is a number
that descends, and says all but the end of the name: two hits with the same number, and only they, need their ranks.
"""

from __future__ import annotations

from functools import lru_cache

from data_platform.search.document import Document

_VIEWS, _QUALITY, _NAME = 26, 10, 28
"""Bits of the number; views beyond 67 million count as so many, and quality is told in tenths."""

_LETTERS = 5
_BASE = 45
_CODES = {code: number for number, code in enumerate((45, 46, 47, *range(48, 58)), 2)}
_CODES |= {code: number for number, code in enumerate((95, 96, *range(97, 123)), 16)}


def rank(document: Document) -> str:
    """Ascending, the order of hits."""
    beginning, _ = _coarse(document.views, document.quality)
    return beginning + document.name


def order(document: Document) -> int:
    """Descending, the same order, as far as 64 bits tell it."""
    _, number = _coarse(document.views, document.quality)
    return number | ((1 << _NAME) - 1 - _beginning(document.name[:_LETTERS]))


@lru_cache(maxsize=10_000)
def _coarse(views: int, quality: float | None) -> tuple[str, int]:
    """What both begin with: the text that ascends, and the number that descends."""
    counted, tenths = min(views, (1 << _VIEWS) - 1), round(10 * min(max(quality or 0.0, 0.0), 100.0))
    return f"{(1 << _VIEWS) - counted:08d}{1000 - tenths:04d}", (counted << _QUALITY | tenths) << _NAME


@lru_cache(maxsize=10_000)
def _beginning(name: str) -> int:
    """The first letters as a number that grows with the name; a letter without a code of its own is the last told."""
    number, told = 0, True
    for at in range(_LETTERS):
        code = ord(name[at]) if told and at < len(name) else 0
        known = _CODES.get(code)
        number = number * _BASE + (known or _between(code))
        told = told and known is not None
    return number


def _between(code: int) -> int:
    """Of a letter without a code of its own, and of none."""
    return 0 if not code else 1 if code < 45 else 15 if code < 95 else 44
