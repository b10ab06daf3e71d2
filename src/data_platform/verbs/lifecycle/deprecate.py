"""deprecate, retire: how a major of an output ends. Its end is announced, its readers move, and then it is closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from data_platform.errors import BadInput, Refused
from data_platform.lineage.facets.envelope import Json
from data_platform.record.catalog import outputs
from data_platform.record.catalog.outputs import OutputRow
from data_platform.record.operations import usage
from data_platform.record.operations.event_kinds import EventKind
from data_platform.spec.product.output_names import OutputName
from data_platform.spec.text.names import quote_text
from data_platform.verbs.access.granting import end_grants_of_output
from data_platform.verbs.core.authorization.authorize import authorized_transaction
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.input_resolution import find_declaring_products
from data_platform.verbs.core.lookup.resolve import (
    list_majors,
    output_not_found,
    resolve_output,
    resolve_product,
    with_major,
)
from data_platform.verbs.core.request import Request
from data_platform.verbs.core.timestamps import Moment, parse_end
from data_platform.verbs.events import lineage_bodies
from data_platform.verbs.events.outcomes import ActOutcome, Subject
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.results import MajorInfo, MajorReader

DAYS = 30


@dataclass(frozen=True, slots=True)
class Deprecate(Request[MajorInfo]):
    """Announce that a major of an output ends at `until`; a second call moves the end."""

    product: str
    output: str
    until: Moment


@dataclass(frozen=True, slots=True)
class DeprecateProduct(Request[tuple[MajorInfo, ...]]):
    """Announce that every major of every output of a product ends at `until`."""

    product: str
    until: Moment


@dataclass(frozen=True, slots=True)
class Retire(Request[MajorInfo]):
    """Close a deprecated major without a reader in the last `days` days that no product declares as input.

    `confirm` repeats `PRODUCT.OUTPUT` as the request names them; callers of a server have to give it.
    """

    product: str
    output: str
    days: int = DAYS
    confirm: str | None = None


def deprecate(context: Context, request: Deprecate) -> MajorInfo:
    """The changed major, with its readers; raises NotFound, BadInput for an end that is past."""
    ends_at = _parse_future(context, request.until)
    with authorized_transaction(context) as tx:
        return _deprecate_major(context, tx, _find_major(tx, request.product, request.output), ends_at)


def deprecate_product(context: Context, request: DeprecateProduct) -> tuple[MajorInfo, ...]:
    """Every changed major; raises NotFound, BadInput, and Refused where none is left."""
    ends_at = _parse_future(context, request.until)
    with authorized_transaction(context) as tx:
        product = resolve_product(tx, request.product)
        rows = [
            with_major(output_row, product)
            for output_row in outputs.lock_all(tx, product.name)
            if not output_row.retired
        ]
        if not rows:
            raise Refused(f"{product.name} has no output that is not retired")
        return tuple(_deprecate_major(context, tx, row, ends_at) for row in rows)


def _deprecate_major(context: Context, tx: Connection, row: OutputRow, ends_at: datetime) -> MajorInfo:
    now = context.clock()
    outputs.deprecate(tx, row.product, row.name, now, ends_at)
    record_outcomes(context, tx, _describe_deprecation(context, tx, row, ends_at))
    return _build_info(tx, row, now)


def _parse_future(context: Context, until: Moment) -> datetime:
    ends_at = parse_end(until, context.clock())
    if ends_at <= context.clock():
        raise BadInput(f"{ends_at:%Y-%m-%d %H:%M} is not in the future", hint="readers need time to move")
    return ends_at


def retire(context: Context, request: Retire) -> MajorInfo:
    """The changed major: read and published no more, its files left to the retention policy.

    Raises NotFound, BadInput, and Refused while it has readers, or when its end was never announced.
    """
    check_confirmation(context, f"{request.product}.{request.output}", request.confirm)
    if not 1 <= request.days <= 3660:
        raise BadInput(f"{request.days} days are not between 1 and 3660")
    now = context.clock()
    with authorized_transaction(context) as tx:
        row = _find_major(tx, request.product, request.output)
        if row.deprecated_at is None:
            hint = f"data-platform deprecate {name_major(row)} --until DATE"
            raise Refused(f"{name_major(row)} is not deprecated: its end was not announced", hint=hint)
        if readers := list_readers(tx, row, now, request.days):
            lines = "\n".join(f"  {reader}" for reader in readers)
            hint = "people have moved once they read a newer major and this one no more, products once their inputs do"
            raise Refused(f"{name_major(row)} is still read:\n{lines}", hint=hint)
        outputs.retire(tx, row.product, row.name, now)
        ended = [] if _has_open_major(tx, row) else end_grants_of_output(context, tx, row.product, row.base)
        record_outcomes(context, tx, describe_retirement(context, row), *ended)
        return _build_info(tx, row, now)


def _has_open_major(conn: Connection, row: OutputRow) -> bool:
    return any(not major.retired for major in list_majors(conn, row.product, row.base))


def check_confirmation(context: Context, name: str, confirm: str | None) -> None:
    """Raises BadInput if `confirm` is not the name of what is retired. Who opened the home has named it in person."""
    if confirm == name or context.principal.local:
        return
    message = f"the retirement of {name} is not confirmed" + ("" if confirm is None else f" by {quote_text(confirm)}")
    raise BadInput(message, hint=f"confirm it with the exact name: {name}")


def list_readers(conn: Connection, row: OutputRow, now: datetime, days: int = DAYS) -> tuple[MajorReader, ...]:
    """Who read the major in the last days and has not moved, the owner aside, and which products declare it as input.

    A reader has moved who read a newer major, and not this one since.
    """
    owner, since = resolve_product(conn, row.product).owner, now - timedelta(days=days)
    began = _find_first_newer_reads(conn, row, since)
    people = [
        MajorReader(reader.principal, reader.last_at)
        for reader in usage.list_readers(conn, since, row.product, row.name)
        if reader.principal != owner and not reader.last_at < began.get(reader.principal, since)
    ]
    declaring_it = {product.name: None for product, _ in find_declaring_products(conn, row)}
    return (*people, *(MajorReader(f"product {name}", None) for name in declaring_it))


def _find_first_newer_reads(conn: Connection, row: OutputRow, since: datetime) -> dict[str, datetime]:
    """When each reader first read a newer major of the same output, that is not retired, since then."""
    began: dict[str, datetime] = {}
    for newer in list_majors(conn, row.product, row.base):
        if newer.closed or newer.name == row.name or (newer.major or 0) < (row.major or 0):
            continue
        for reader in usage.list_readers(conn, since, row.product, newer.name, succeeded=True):
            began[reader.principal] = min(reader.first_at, began.get(reader.principal, reader.first_at))
    return began


def _find_major(conn: Connection, product: str, reference: str) -> OutputRow:
    """The major that is named; a plain name is enough where there is one alone."""
    resolve_product(conn, product)
    wanted = OutputName.parse(reference)
    majors = [row for row in list_majors(conn, product, wanted.name) if not row.retired]
    if wanted.major is None and len(majors) > 1:
        choices = " or ".join(f"{wanted.name}@{row.major}" for row in majors)
        raise BadInput(f"{product}.{wanted.name} has {len(majors)} majors", hint=f"name one: {choices}")
    row = resolve_output(conn, product, reference)
    if row.retired:
        raise output_not_found(conn, product, reference)
    return row


def _describe_deprecation(context: Context, tx: Connection, row: OutputRow, ends_at: datetime) -> ActOutcome:
    def build_body() -> list[Json]:
        return lineage_bodies.build_deprecation_body(context, tx, row, ends_at)

    return ActOutcome(EventKind.DEPRECATED, name_major(row), {"until": ends_at}, build_body)


def describe_retirement(context: Context, row: OutputRow) -> ActOutcome:
    """The end of a major, and when it was announced for."""

    def build_body() -> list[Json]:
        return lineage_bodies.build_retirement_body(context, row)

    return ActOutcome(EventKind.RETIRED, name_major(row), {"announced": row.ends_at}, build_body)


def name_major(row: OutputRow) -> Subject:
    """A major, as people name it: `product.output@major`."""
    return Subject(row.product, str(OutputName(row.base, row.major)))


def _build_info(conn: Connection, row: OutputRow, now: datetime) -> MajorInfo:
    current = outputs.find(conn, row.product, row.name) or row
    return MajorInfo(
        product=row.product,
        output=row.base,
        major=row.major or 0,
        version=current.version,
        deprecated_at=current.deprecated_at,
        ends_at=current.ends_at,
        retired=current.retired,
        readers=() if current.retired else list_readers(conn, row, now),
    )
