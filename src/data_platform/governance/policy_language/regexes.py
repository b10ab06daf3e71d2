"""Regular expressions of conditions: RE2, whose time is linear in the text for every pattern."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

MAX_LENGTH = 1_000
_MEMORY = 1 << 20
"""Bytes that one pattern may take."""


class RegexPattern(Protocol):
    """A compiled pattern."""

    def search(self, text: str) -> object | None:
        """A match when the pattern is found anywhere in the text, else None."""


@lru_cache(maxsize=1024)
def compile_regex(pattern: str) -> RegexPattern:
    """The pattern; ValueError says what is wrong with it (https://github.com/google/re2/wiki/Syntax)."""
    # most conditions have no regular expression, and need not load the library
    import re2

    if len(pattern) > MAX_LENGTH:
        raise ValueError(f"the regular expression has {len(pattern):,} characters, {MAX_LENGTH:,} is the limit")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        regex: RegexPattern = re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError) as error:
        reason = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
        raise ValueError(f"{pattern!r} is not a regular expression of RE2: {reason}") from None
    return regex
