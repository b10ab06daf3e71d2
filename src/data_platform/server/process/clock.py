"""The clock of a server process: a thread that runs periodic maintenance, unless another process runs it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from uuid import uuid4

from data_platform.errors import DataPlatformError
from data_platform.record.operations import clock
from data_platform.settings import resolve_identity
from data_platform.settings.identity import describe_machine
from data_platform.verbs.core.attachments import Attachments, Sender
from data_platform.verbs.core.context import Caller, Context
from data_platform.verbs.core.mesh import Mesh
from data_platform.verbs.core.renewal import LEASE, renewing
from data_platform.verbs.dispatch import dispatch
from data_platform.verbs.operations.maintenance import Tick

DOOR = "clock"
_LONGEST_PAUSE = 10.0
"""Seconds between two looks at the record: another process may have been killed meanwhile."""


class MaintenanceClock:
    """Runs maintenance every `clock_seconds`, as the owner of the home.

    All processes of all servers of a mesh have one. A claim in the record decides which of them runs it; the claim of
    a process that is killed ends within half a minute.
    """

    def __init__(self, mesh: Mesh, senders: Mapping[str, Sender]) -> None:
        self._mesh, self._senders = mesh, senders
        self._interval = timedelta(seconds=mesh.settings.server.clock_seconds)
        self._holder = f"{describe_machine().host}/{os.getpid()}/{uuid4().hex[:8]}"

    def run_if_due(self) -> bool:
        """Runs maintenance if it is due and nobody else runs it; answers whether it did."""
        now = self._mesh.clock()
        with self._mesh.record.reading() as conn:
            state = clock.find_state(conn)
        if not state.is_due(now, self._interval):
            return False
        with self._mesh.record.transaction() as tx:
            if not clock.claim(tx, self._holder, now, LEASE, self._interval):
                return False
        with renewing(self._renew):
            context = Context(
                self._mesh, Caller(resolve_identity(), DOOR), attachments=Attachments(senders=self._senders)
            )
            dispatch(context, Tick())
        with self._mesh.record.transaction() as tx:
            clock.release(tx, self._holder)
        return True

    def _renew(self) -> None:
        with self._mesh.record.transaction() as tx:
            clock.renew(tx, self._holder, self._mesh.clock() + LEASE)


@contextmanager
def running_clock(mesh: Mesh, senders: Mapping[str, Sender]) -> Iterator[None]:
    """Runs the clock until the block ends; a run that has begun is waited for. With `clock_seconds` 0 there is none."""
    server = mesh.settings.server
    if not server.clock_seconds or mesh.record.read_only:
        yield
        return
    ended, maintenance = Event(), MaintenanceClock(mesh, senders)
    thread = Thread(target=_run_until, args=(maintenance, ended, server.clock_seconds), name="clock", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(server.drain_seconds)


def _run_until(maintenance: MaintenanceClock, ended: Event, seconds: int) -> None:
    """Looks again and again; each look has a thread of its own, so that one that fails unexpectedly ends that alone."""
    pause = min(max(seconds / 4, 1.0), _LONGEST_PAUSE)
    while not ended.is_set():
        look = Thread(target=_look, args=(maintenance,), name="maintenance", daemon=True)
        look.start()
        look.join()
        ended.wait(pause)


def _look(maintenance: MaintenanceClock) -> None:
    try:
        maintenance.run_if_due()
    except DataPlatformError as error:
        print(f"periodic maintenance failed: {error}", file=sys.stderr, flush=True)
