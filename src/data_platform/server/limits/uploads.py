"""The places of uploads in one process: no principal takes those of others with data that comes slowly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from anyio import CapacityLimiter

from data_platform.server.limits.heavy import too_many_calls


class UploadPlaces:
    """`threads` uploads run at one time, of one principal at most `most`, and no more than half of them.

    It is used in the event loop alone.
    """

    def __init__(self, threads: int, most: int) -> None:
        self.limiter = CapacityLimiter(threads)
        self._most = min(most, max(1, threads // 2))
        self._running: Counter[str] = Counter()

    @contextmanager
    def take(self, principal: str) -> Iterator[None]:
        """Counts an upload from before its body is read; raises LimitExceeded where the principal has too many."""
        if self._running[principal] >= self._most:
            raise too_many_calls(principal, self._most)
        self._running[principal] += 1
        try:
            yield
        finally:
            self._running[principal] -= 1
            if not self._running[principal]:
                del self._running[principal]
