"""The home, its settings, its record, its disk, and the process that runs rules."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from data_platform.cli.console.text import amount, minute, size
from data_platform.cli.doctor.backups import check_backups
from data_platform.cli.doctor.check import Check, State
from data_platform.cli.doctor.privacy import check_privacy
from data_platform.engine.worker import SqlWorker, WorkerQuery
from data_platform.errors import DataPlatformError
from data_platform.platform import Platform
from data_platform.record.db.schema import REVISION
from data_platform.record.operations import outbox
from data_platform.record.operations.outbox import Waiting
from data_platform.settings import Home, PostgresSource, Settings, home_place, identity, load_settings, require_home
from data_platform.settings.home import VARIABLE
from data_platform.verbs.core.record_opening import open_record
from data_platform.verbs.results import UnreadableColumns

TOO_LITTLE, LITTLE = 100_000_000, 2_000_000_000
WORKER_SECONDS = 30.0
EXAMINING_SECONDS = 30.0
LONG = timedelta(hours=1)
"""How long a message may wait before it is worth a word."""


def check_mesh() -> Iterator[Check]:
    """Who works, where, and whether it would work there; a home that is not there yet is not made."""
    try:
        yield Check("identity", State.OK, str(identity()))
        place = home_place()
    except DataPlatformError as error:
        yield _failed("identity and home", error)
        return
    yield _disk(place)
    if os.path.lexists(place) or os.environ.get(VARIABLE):
        yield from _home(place)
    else:
        said = f"none yet; init makes one, and so does the first register or publish: {place}"
        yield Check("home", State.OK, said, "data-platform init")
    yield _worker()


def _home(place: Path) -> Iterator[Check]:
    try:
        home = require_home()
    except DataPlatformError as error:
        yield _failed("home", error)
        return
    if not os.access(home.path, os.R_OK | os.W_OK | os.X_OK):
        yield Check("home", State.FAILED, f"{place} is not yours to write", f"chmod u+rwx {place}, or ask its owner")
        return
    yield Check("home", State.OK, str(home.path))
    yield from check_privacy(home.path)
    try:
        settings = load_settings(home)
    except DataPlatformError as error:
        yield _failed("settings", error)
        return
    yield from _settings(home, settings)
    yield from _record(home, settings)


def _settings(home: Home, settings: Settings) -> Iterator[Check]:
    file = home.settings_file
    count = len(settings.sources)
    said = (
        f"{file}, {count} source{'' if count == 1 else 's'}" if file.exists() else "defaults; there is no settings.toml"
    )
    yield Check("settings", State.OK, said)
    for name, source in settings.sources.items():
        template = source.uri if isinstance(source, PostgresSource) else source.path
        unset = [variable for variable in template.names if variable not in os.environ]
        if unset:
            yield Check(
                f"source {name}",
                State.WARNING,
                f"not set: {', '.join(unset)}",
                f"export {unset[0]}=… before it is read",
            )
        else:
            yield Check(f"source {name}", State.OK, "declared")


def _record(home: Home, settings: Settings) -> Iterator[Check]:
    try:
        with open_record(home, settings) as record:
            yield Check("record", State.OK, f"{record.place}, revision {REVISION}")
            with record.reading() as conn:
                yield from _outbox(outbox.list_waiting(conn), settings)
                yield from check_backups(home.path, conn)
            record.verify()
        yield from _tables(home)
    except DataPlatformError as error:
        yield _failed("record", error)


def _tables(home: Home) -> Iterator[Check]:
    """The newest version of every output, as it lies on disk."""
    with Platform.open(home.path) as mesh:
        done = mesh.examine(EXAMINING_SECONDS)
    yield from _missing_keys(done.unreadable)
    for file in done.damaged:
        yield Check("tables", State.FAILED, f"{file.place}: {file.path} {file.why}", file.remedy)
    if not done.damaged and done.outputs:
        compared = f"metadata was read, {amount(done.data_files, 'data file')} compared by size and time"
        again = f"; {done.read:,} of them had changed and were read whole" if done.read else ""
        none = f"no damage in the newest versions of {amount(done.examined, 'output')}: {compared}{again}"
        rest = f", {done.outputs - done.examined:,} more were not looked at" if done.examined < done.outputs else ""
        yield Check("tables", State.OK, none + rest)


def _missing_keys(unreadable: Sequence[UnreadableColumns]) -> Iterator[Check]:
    """Columns that cannot be read: their keys are to be put back, or were dropped on purpose."""
    for columns in unreadable:
        said = f"{columns.product}.{columns.output}: {', '.join(columns.columns)} cannot be read"
        if columns.reason:
            yield Check("missing keys", State.WARNING, f"{said}: {columns.reason}", columns.remedy)
        else:
            yield Check("missing keys", State.OK, f"{said}: the data is erased")


def _outbox(waiting: Iterable[Waiting], settings: Settings) -> Iterator[Check]:
    """What waits for long or after a failed try, or was refused; what leaves as it should is not worth a line."""
    key = settings.openlineage and settings.openlineage.api_key
    if key and (unset := [name for name in key.names if name not in os.environ]):
        yield Check("openlineage", State.WARNING, f"not set: {unset[0]}", f"export {unset[0]}=… before it is sent to")
    for each in waiting:
        said = f": {each.error}" if each.error else ""
        if each.refused:
            kept = f"{amount(each.refused, 'message')} refused by {each.destination}: {each.refusals[0].reason}"
            yield Check("outbox", State.WARNING, kept, "mend the receiver, then data-platform outbox retry")
        if each.oldest is not None and (each.error or datetime.now(UTC) - each.oldest > LONG):
            waits = f"{amount(each.messages, 'message')} for {each.destination} since {minute(each.oldest)}{said}"
            yield Check("outbox", State.WARNING, waits, "data-platform tick, by cron, sends them; or outbox send")


def _disk(place: Path) -> Check:
    folder = next(parent for parent in (place, *place.parents) if parent.exists())
    free = shutil.disk_usage(folder).free
    if free < TOO_LITTLE:
        return Check("disk", State.FAILED, f"{size(free)} free", "make room: data-platform gc removes what is unused")
    if free < LITTLE:
        return Check("disk", State.WARNING, f"{size(free)} free", "data-platform gc removes what is unused")
    return Check("disk", State.OK, f"{size(free)} free")


def _worker() -> Check:
    mend = "rules cannot be judged without it; this is its own message"
    try:
        with SqlWorker() as worker:
            (answer,) = worker.run({}, [WorkerQuery("SELECT 42")], WORKER_SECONDS)
    except DataPlatformError as error:
        return _failed("rule worker", error)
    if answer.value == 42:
        return Check("rule worker", State.OK, "starts and answers")
    return Check("rule worker", State.FAILED, answer.error or f"answers {answer.value}", mend)


def _failed(name: str, error: DataPlatformError) -> Check:
    return Check(name, State.FAILED, error.message, error.hint)
