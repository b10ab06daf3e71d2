"""Probes: the clock reads the outputs that promise availability, so that it is measured when nobody reads."""

from __future__ import annotations

import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from data_platform.access.view import WHOLE_TABLE
from data_platform.engine.frame import scan
from data_platform.engine.origin import Origin
from data_platform.errors import DataPlatformError
from data_platform.record.catalog import data_files, versions
from data_platform.record.catalog.versions import VersionRow
from data_platform.record.operations import probes
from data_platform.record.operations.probes import Port
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.version_source import make_ticket, ticket_source

EVERY = timedelta(minutes=5)
_KEPT = timedelta(days=400)
_SECONDS = 2.0
"""How long one tick probes; the outputs that were probed longest ago come first."""
_NEVER = datetime.min.replace(tzinfo=UTC)


def probe_outputs(context: Context, ports: Collection[Port]) -> None:
    """Reads a row of the newest version of each output that was not probed lately, and counts how it went.

    It is read as a reader would: digests are compared, and keys of encrypted columns are fetched.
    """
    now = context.clock()
    with context.record.reading() as conn:
        last = probes.map_last(conn, now - timedelta(days=1))
        due = sorted(
            (port for port in ports if last.get(port, _NEVER) <= now - EVERY), key=lambda port: last.get(port, _NEVER)
        )
        newest = [version for port in due if (version := versions.find_latest(conn, *port))]
    if newest and now.date() > max(last.values(), default=_NEVER).date():  # once a day
        with context.record.transaction() as tx:
            probes.remove_before(tx, now - _KEPT)
    deadline = time.monotonic() + _SECONDS
    for version in newest:
        has_failed = not _is_readable(context, version)
        with context.record.transaction() as tx:
            probes.add(tx, version.product, version.output, now, has_failed=has_failed)
            if has_failed:
                data_files.request_check(tx, version.stage_id)
        if time.monotonic() > deadline:
            return


def _is_readable(context: Context, version: VersionRow) -> bool:
    try:
        ticket = make_ticket(context, version, WHOLE_TABLE)
        columns = [name for name in version.schema.names if name not in ticket.erasures]
        origin = Origin("product", version.product, version.output, version.version)
        scan(ticket_source(context, ticket), origin).select(*columns).limit(1).collect()
    except DataPlatformError:
        return False
    return True
