"""Checks the connection of a client to its server: who answers, which release, and as whom it is asked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from data_platform.cli.doctor.check import Diagnosis, State
from data_platform.errors import DataPlatformError, NotAuthenticated
from data_platform.installing import VERSION
from data_platform.platform import Platform
from data_platform.settings.home import VARIABLE as HOME_VARIABLE
from data_platform.settings.server_variables import URL_VARIABLE
from data_platform.verbs.results import CallerInfo

TOLERATED = timedelta(minutes=1)
"""How far two clocks may be apart before it is reported: tokens expire, and `--as-of` asks for moments."""


def check_server() -> Iterator[Diagnosis]:
    """Asks the server of the variable who this caller is."""
    if os.environ.get(HOME_VARIABLE):
        yield Diagnosis(URL_VARIABLE, State.OK, f"comes before {HOME_VARIABLE}, which is not used")
    try:
        with Platform.open() as mesh:
            before = datetime.now(UTC)
            caller = mesh.who_am_i()
            after = datetime.now(UTC)
    except NotAuthenticated as error:
        yield Diagnosis("server", State.FAILED, error.message, error.hint or f"data-platform login {mesh.url}")
        return
    except DataPlatformError as error:
        yield Diagnosis("server", State.FAILED, error.message, error.hint)
        return
    yield Diagnosis("server", State.OK, f"{mesh.url} answers")
    yield _check_release(caller)
    yield Diagnosis("identity", State.OK, _describe(caller))
    yield _check_clock(caller.at, before, after)


def _check_release(caller: CallerInfo) -> Diagnosis:
    if caller.release == VERSION:
        return Diagnosis("release", State.OK, f"{VERSION}, here and at the server")
    return Diagnosis(
        "release", State.WARNING, f"{caller.release} at the server, {VERSION} here", "use the same release for both"
    )


def _describe(caller: CallerInfo) -> str:
    roles = f", {', '.join(caller.roles)}" if caller.roles else ""
    teams = f", in {', '.join(caller.teams)}" if caller.teams else ""
    return f"{caller.principal} ({caller.kind}{roles}{teams})"


def _check_clock(theirs: datetime, before: datetime, after: datetime) -> Diagnosis:
    apart = max(before - theirs, theirs - after, timedelta(0))
    if apart <= TOLERATED:
        return Diagnosis("clock", State.OK, "that of the server")
    return Diagnosis(
        "clock",
        State.WARNING,
        f"{round(apart.total_seconds()):,} seconds from the server's",
        "set one of the two clocks",
    )
