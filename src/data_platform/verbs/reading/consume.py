"""consume: an authorised, recorded, lazy view of one version of an output."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from data_platform.access.view import TableView
from data_platform.errors import BadInput, NotFound, PolicyViolation, StorageFailed
from data_platform.record.catalog.versions import VersionRow
from data_platform.record.operations import usage
from data_platform.record.operations.usage import Read
from data_platform.settings import Environment
from data_platform.spec.text.names import quote_text
from data_platform.verbs.core import environments
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.version_lookup import find_version, find_view, select_statistics
from data_platform.verbs.core.lookup.version_source import make_ticket
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.outcomes import describe_read_refusal
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.policies.evaluate import evaluate_consume
from data_platform.verbs.reading.read_records import describe_read, record_failures
from data_platform.verbs.results.reading import ReadTicket


@dataclass(frozen=True, slots=True)
class Consume(Request[ReadTicket]):
    """Read an output: its newest version, or a pinned one, or the one that was current `as_of` a moment.

    `mask` shows PII columns as others see them; `purpose` is kept with the record of the read.
    """

    product: str
    output: str
    version: int | None = None
    as_of: datetime | date | str | None = None
    columns: Sequence[str] | None = None
    mask: bool = False
    purpose: str | None = None


def consume(context: Context, request: Consume) -> ReadTicket:
    """The ticket for a frame over the version; the consume is recorded now, its columns when they are really read.

    A product that this mesh does not know is looked for in the environments above it. Raises NotFound, AccessDenied,
    PolicyViolation, BadInput, StorageFailed; a read that the storage fails, now or later, is recorded as such.
    """
    names = request.columns or ()
    if twice := next((name for place, name in enumerate(names) if name in names[:place]), None):
        raise BadInput(f"columns: {quote_text(twice)} is there twice", hint="name each column once")
    try:
        return _consume(context, request)
    except NotFound as missing:
        if environments.is_registered(context, request.product):
            raise
        higher = environments.find_higher(context, request.product)
        if higher is None:
            raise environments.explain_missing(context, request.product, missing) from None
    environment, other = higher
    return _consume(other, request, environment)


def _consume(context: Context, request: Consume, environment: Environment | None = None) -> ReadTicket:
    """The ticket for what this mesh has; `environment` is what the reader calls it, who is in another one."""
    session = context.record.reading() if context.record.read_only else context.record.transaction()
    with _record_refusals(context, request), session as tx:
        version = find_version(tx, request.product, request.output, request.version, request.as_of)
        governed = evaluate_consume(context, tx, version, request.columns)
        read_id = None if context.record.read_only else _add_read(context, tx, version, request.purpose)
        view = find_view(tx, version, context.decision, mask=request.mask)
    try:
        ticket = make_ticket(context, version, view)
    except StorageFailed as error:
        record_failures(context, read_id, version.stage_id)(error.message)
        raise
    columns = None if request.columns is None else tuple(request.columns)
    return replace(
        ticket,
        environment=environment,
        columns=columns,
        statistics=_shown_statistics(version, columns, view),
        warnings=(*governed.warnings, *context.warn_unrecorded()),
        read_id=read_id,
    )


def _shown_statistics(
    version: VersionRow, columns: Sequence[str] | None, view: TableView
) -> dict[str, Mapping[str, Any]]:
    """The statistics of the columns that are read."""
    statistics = select_statistics(version, view)
    return {name: facts for name, facts in statistics.items() if columns is None or name in columns}


@contextmanager
def _record_refusals(context: Context, request: Consume) -> Iterator[None]:
    """A read that policies refuse leaves an entry in the audit log, though its transaction leaves nothing."""
    try:
        yield
    except PolicyViolation as refusal:
        if context.record.read_only:
            raise
        with context.record.transaction() as tx:
            record_outcomes(context, tx, describe_read_refusal(request.product, request.output, refusal))
        raise


def _add_read(context: Context, tx: Connection, version: VersionRow, purpose: str | None) -> int:
    read_id = usage.add(tx, _build_read(context, version, purpose))
    record_outcomes(context, tx, describe_read(context, tx, version.product, version.output, version.version))
    return read_id


def _build_read(context: Context, version: VersionRow, purpose: str | None) -> Read:
    who = context.principal
    return Read(
        0, version.product, version.output, version.version, (), who.name, who.verified, context.clock(), purpose
    )
