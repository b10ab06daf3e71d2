"""How many examples a property gets: a part of them in the fast lane, all in the longer one (`make test-long`)."""

from __future__ import annotations

import os

ALL = os.environ.get("DATA_PLATFORM_ALL_EXAMPLES") == "1"
"""Whether this is the longer lane."""

_PART = 4


def examples(full: int) -> int:
    """A quarter of `full` in the fast lane, at least ten, and `full` in the longer one."""
    return full if ALL else min(full, max(10, full // _PART))
