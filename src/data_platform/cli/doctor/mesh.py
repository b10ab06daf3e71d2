"""Checks the home, its settings, its record, its disk, and the process that runs rules."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from data_platform.cli.console.text import format_count, format_minute, format_size
from data_platform.cli.doctor.backups import check_backups
from data_platform.cli.doctor.check import Diagnosis, State
from data_platform.cli.doctor.clock import check_clock
from data_platform.cli.doctor.key_manager import check_key_manager
from data_platform.cli.doctor.privacy import check_privacy
from data_platform.engine.worker import SqlWorker, WorkerQuery
from data_platform.errors import DataPlatformError
from data_platform.platform import Platform
from data_platform.record.db.schema import REVISION
from data_platform.record.operations import outbox
from data_platform.record.operations.outbox import Waiting
from data_platform.settings import (
    Environments,
    Home,
    PostgresSource,
    Settings,
    load_settings,
    require_home,
    resolve_home_path,
    resolve_identity,
)
from data_platform.settings.home import VARIABLE
from data_platform.verbs.core.record_opening import open_record
from data_platform.verbs.results import UnreadableColumns

TOO_LITTLE, LITTLE = 100_000_000, 2_000_000_000
WORKER_SECONDS = 30.0
EXAMINING_SECONDS = 30.0
LONG = timedelta(hours=1)
"""The waiting time after which a message is reported."""


def check_mesh() -> Iterator[Diagnosis]:
    """Checks the identity and the home. A missing home is not created."""
    try:
        yield Diagnosis("identity", State.OK, str(resolve_identity()))
        place = resolve_home_path()
    except DataPlatformError as error:
        yield _describe_failure("identity and home", error)
        return
    yield _check_disk(place)
    if os.path.lexists(place) or os.environ.get(VARIABLE):
        yield from _check_home(place)
    else:
        said = f"none yet; init creates it, and so does the first register or publish: {place}"
        yield Diagnosis("home", State.OK, said, "data-platform init")
    yield _check_worker()


def _check_home(place: Path) -> Iterator[Diagnosis]:
    try:
        home = require_home()
    except DataPlatformError as error:
        yield _describe_failure("home", error)
        return
    if not os.access(home.path, os.R_OK | os.W_OK | os.X_OK):
        yield Diagnosis(
            "home", State.FAILED, f"{place} is not writable by you", f"chmod u+rwx {place}, or ask its owner"
        )
        return
    yield Diagnosis("home", State.OK, str(home.path))
    yield from check_privacy(home.path)
    try:
        settings = load_settings(home)
    except DataPlatformError as error:
        yield _describe_failure("settings", error)
        return
    yield from _check_settings(home, settings)
    yield from _check_record(home, settings)
    yield from check_key_manager(home, settings)


def _check_settings(home: Home, settings: Settings) -> Iterator[Diagnosis]:
    file = home.settings_file
    count = len(settings.sources)
    said = (
        f"{file}, {count} source{'' if count == 1 else 's'}" if file.exists() else "defaults; there is no settings.toml"
    )
    yield Diagnosis("settings", State.OK, said)
    for name, source in settings.sources.items():
        template = source.uri if isinstance(source, PostgresSource) else source.path
        unset = [variable for variable in template.names if variable not in os.environ]
        if unset:
            yield Diagnosis(
                f"source {name}",
                State.WARNING,
                f"not set: {', '.join(unset)}",
                f"export {unset[0]}=… before it is read",
            )
        else:
            yield Diagnosis(f"source {name}", State.OK, "declared")
    for channel, declared in settings.channels.items():
        named = (*declared.url.names, *(declared.secret.names if declared.secret else ()))
        if unset := [variable for variable in named if variable not in os.environ]:
            remedy = f"export {unset[0]}=… where data-platform serve or tick runs"
            yield Diagnosis(f"channel {channel}", State.WARNING, f"not set: {', '.join(unset)}", remedy)
    if settings.environments is not None:
        yield from _check_environments(settings.environments)


def _check_environments(environments: Environments) -> Iterator[Diagnosis]:
    """Checks that the declared homes of the other environments exist."""
    for environment in environments.homes:
        name = f"environment {environment}"
        try:
            yield Diagnosis(name, State.OK, str(environments.home(environment).path))
        except DataPlatformError as error:
            yield Diagnosis(name, State.WARNING, error.message, error.hint)


def _check_record(home: Home, settings: Settings) -> Iterator[Diagnosis]:
    try:
        with open_record(home, settings) as record:
            yield Diagnosis("record", State.OK, f"{record.place}, revision {REVISION}")
            with record.reading() as conn:
                yield from _check_outbox(outbox.list_waiting(conn), settings)
                yield from check_clock(conn, settings)
                yield from check_backups(home.path, conn)
            record.verify()
        yield from _check_tables(home)
    except DataPlatformError as error:
        yield _describe_failure("record", error)


def _check_tables(home: Home) -> Iterator[Diagnosis]:
    """Checks the files of the newest version of every output."""
    with Platform.open(home.path) as mesh:
        done = mesh.examine(EXAMINING_SECONDS)
    yield from _check_missing_keys(done.unreadable)
    for file in done.damaged:
        yield Diagnosis("tables", State.FAILED, f"{file.place}: {file.path} {file.why}", file.remedy)
    if not done.damaged and done.outputs:
        compared = f"metadata was read, size and time of {format_count(done.data_files, 'data file')} compared"
        again = f"; {format_count(done.read, 'changed file')} read completely" if done.read else ""
        none = f"no damage in the newest versions of {format_count(done.examined, 'output')}: {compared}{again}"
        rest = f", {done.outputs - done.examined:,} more were not checked" if done.examined < done.outputs else ""
        yield Diagnosis("tables", State.OK, none + rest)


def _check_missing_keys(unreadable: Sequence[UnreadableColumns]) -> Iterator[Diagnosis]:
    """Reports columns that cannot be read, because they are erased or their keys are missing."""
    for columns in unreadable:
        said = f"{columns.product}.{columns.output}: {', '.join(columns.columns)} cannot be read"
        state = State.WARNING if columns.remedy else State.OK
        yield Diagnosis("missing keys", state, f"{said}: {columns.reason}", columns.remedy)


def _check_outbox(waiting: Iterable[Waiting], settings: Settings) -> Iterator[Diagnosis]:
    """Reports messages that are overdue, failed or refused. Other messages are not reported."""
    key = settings.openlineage and settings.openlineage.api_key
    if key and (unset := [name for name in key.names if name not in os.environ]):
        yield Diagnosis(
            "openlineage", State.WARNING, f"not set: {unset[0]}", f"export {unset[0]}=… before it is sent to"
        )
    for queue in waiting:
        said = f": {queue.error}" if queue.error else ""
        if queue.refused:
            kept = (
                f"{format_count(queue.refused, 'message')} refused by {queue.destination}: {queue.refusals[0].reason}"
            )
            yield Diagnosis("outbox", State.WARNING, kept, "fix the receiver, then run data-platform outbox retry")
        due = max(filter(None, (queue.oldest, queue.next_try)), default=None)  # quiet hours make no message late
        if queue.oldest is not None and due is not None and (queue.error or datetime.now(UTC) - due > LONG):
            count = format_count(queue.messages, "message")
            waits = f"{count} for {queue.destination} since {format_minute(queue.oldest)}{said}"
            yield Diagnosis(
                "outbox", State.WARNING, waits, "run data-platform tick by cron, or data-platform outbox send"
            )


def _check_disk(place: Path) -> Diagnosis:
    folder = next(parent for parent in (place, *place.parents) if parent.exists())
    free = shutil.disk_usage(folder).free
    if free < TOO_LITTLE:
        return Diagnosis(
            "disk", State.FAILED, f"{format_size(free)} free", "free space: data-platform gc removes unused files"
        )
    if free < LITTLE:
        return Diagnosis("disk", State.WARNING, f"{format_size(free)} free", "data-platform gc removes unused files")
    return Diagnosis("disk", State.OK, f"{format_size(free)} free")


def _check_worker() -> Diagnosis:
    remedy = "rules cannot run without it; this is its error message"
    try:
        with SqlWorker() as worker:
            (answer,) = worker.run({}, [WorkerQuery("SELECT 42")], WORKER_SECONDS)
    except DataPlatformError as error:
        return _describe_failure("rule worker", error)
    if answer.value == 42:
        return Diagnosis("rule worker", State.OK, "starts and answers")
    return Diagnosis("rule worker", State.FAILED, answer.error or f"answers {answer.value}", remedy)


def _describe_failure(name: str, error: DataPlatformError) -> Diagnosis:
    return Diagnosis(name, State.FAILED, error.message, error.hint)
