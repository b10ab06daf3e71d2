"""Checks that periodic maintenance runs: without it nothing is said when data stops to come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import Connection

from data_platform.cli.console.text import format_second
from data_platform.cli.doctor.check import Diagnosis, State
from data_platform.record.catalog import products
from data_platform.record.operations import clock
from data_platform.settings import Settings

_REMEDY = "data-platform serve runs it; without a server, run data-platform tick by cron"


def check_clock(conn: Connection, settings: Settings) -> Iterator[Diagnosis]:
    """Says when maintenance last ran; warns if that is long ago. A mesh without products needs none."""
    state = clock.find_state(conn)
    if state.ran_at is None:
        if products.list_all(conn):
            yield Diagnosis("clock", State.WARNING, "periodic maintenance has never run", _REMEDY)
        return
    said = f"periodic maintenance last ran at {format_second(state.ran_at)}"
    is_late = not state.has_run_within(settings.server.clock_lateness, datetime.now(UTC))
    yield Diagnosis("clock", State.WARNING if is_late else State.OK, said, _REMEDY if is_late else None)
