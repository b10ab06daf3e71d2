"""The readers of a product as facts for policies: those who read it, and the one about to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from data_platform.governance.facts import Consumer
from data_platform.record.catalog import domains, outputs
from data_platform.record.catalog.outputs import OutputRow
from data_platform.record.catalog.versions import VersionRow
from data_platform.verbs.core.authorization.reader_names import ReaderNames
from data_platform.verbs.core.context import Context
from data_platform.verbs.policies.dependents import LATELY, list_dependents

_SOMEONE = "a reader"


def list_consumers(conn: Connection, rows: Iterable[OutputRow], now: datetime) -> list[Consumer]:
    """Everyone who relies on these outputs."""
    return [reader for row in rows if not row.retired for reader in list_dependents(conn, row, (), now - LATELY)]


def hide_people(names: ReaderNames, product: str, consumers: Sequence[Consumer]) -> list[Consumer]:
    """The same consumers of a product; people whose names the caller does not see have none, and no domain."""
    people = [consumer for consumer in consumers if consumer.owner is None and consumer.last_read is not None]
    named, _ = names.split(product, people, lambda person: person.name)
    return [
        replace(consumer, name=_SOMEONE, domain=None) if consumer in people and consumer not in named else consumer
        for consumer in consumers
    ]


def build_consumer(context: Context, conn: Connection, version: VersionRow, columns: Sequence[str] | None) -> Consumer:
    """The principal as a reader of that version; of all its columns when none are named."""
    who = context.principal.name
    row = outputs.find(conn, version.product, version.output)
    read = tuple(columns) if columns is not None else version.schema.names
    output = row.base if row else version.output
    return Consumer(who, output, who, _find_domain(conn, who), tuple(read), context.clock())


def _find_domain(conn: Connection, principal: str) -> str | None:
    """The domain that a principal owns or is a member of; the first by name where there are several."""
    return next(
        (domain.name for domain in domains.list_all(conn) if principal in (domain.owner, *domain.members)), None
    )
