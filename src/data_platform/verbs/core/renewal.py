"""Renews something that expires while a block runs, so that it outlasts a process that was killed only briefly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from threading import Event, Thread

from data_platform.errors import Unavailable

LEASE = timedelta(seconds=30)
"""How long what is renewed outlasts its process."""


@contextmanager
def renewing(renew: Callable[[], None], lease: timedelta = LEASE) -> Iterator[None]:
    """Calls `renew` three times in each lease, in a thread, until the block ends; a failure waits for the next time."""
    ended = Event()

    def work() -> None:
        while not ended.wait(lease.total_seconds() / 3):
            with suppress(Unavailable):
                renew()

    thread = Thread(target=work, name="renewal", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
