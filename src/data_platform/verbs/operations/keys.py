"""keys: the keys of encrypted columns, and the rotation of the master key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from data_platform.keys.ring import MASK_KEY
from data_platform.record.audit_log import trail
from data_platform.record.catalog import products
from data_platform.record.operations import key_erasures, mesh_keys
from data_platform.record.operations.event_kinds import EventKind
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.encryption.erasures import finish_erasures
from data_platform.verbs.core.lookup.resolve import resolve_product
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.outcomes import KEYS, ActOutcome
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.operations.encrypted_columns import EncryptedColumn, list_encrypted_columns, select_columns
from data_platform.verbs.results.keys import KeyInfo, RotatedKeys


@dataclass(frozen=True, slots=True)
class ListKeys(Request[list[KeyInfo]]):
    """The keys of the mesh, of a product, of an output or of a column, without their material."""

    product: str | None = None
    output: str | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True)
class RotateKeys(Request[RotatedKeys]):
    """Replace the master key: a new version wraps every key, and earlier versions are removed. No data is rewritten."""


def list_keys(context: Context, request: ListKeys) -> list[KeyInfo]:
    """The keys, by product and output, then that of masks; raises NotFound for an unknown product or output."""
    with context.record.reading() as conn:
        keys = [_describe_key(name, entry) for name, entry in _list_requested(context, conn, request)]
        return [*keys, *_list_mask_key(context, conn)] if request.product is None else keys


def rotate_keys(context: Context, request: RotateKeys) -> RotatedKeys:
    """Rotates; interrupted at any point, it loses no key, and can be repeated.

    The audit log has an entry before and one after. Raises StorageFailed for a key that cannot be opened.
    """
    with context.record.transaction() as tx:
        record_outcomes(context, tx, ActOutcome(EventKind.KEY_ROTATION_BEGUN, KEYS))
    with context.record.reading() as conn:
        erasures = key_erasures.list_all(conn)
        key_ids = set(trail.list_made_keys(conn))
        for product in products.list_all(conn):
            key_ids |= {entry.key_id for entry in list_encrypted_columns(context, conn, product.name)}
    finish_erasures(context, erasures)
    done = context.keyring.rotate(key_ids)
    with context.record.transaction() as tx:
        details = {"master": done.version, "keys": done.keys}
        record_outcomes(context, tx, ActOutcome(EventKind.KEYS_ROTATED, KEYS, details))
    return RotatedKeys(done.version, done.keys, done.unidentified)


def _list_requested(context: Context, conn: Connection, request: ListKeys) -> Iterator[tuple[str, EncryptedColumn]]:
    if request.product is None:
        for row in products.list_all(conn):
            for entry in list_encrypted_columns(context, conn, row.name):
                yield row.name, entry
        return
    product = resolve_product(conn, request.product).name
    columns = list_encrypted_columns(context, conn, product)
    for entry in select_columns(conn, columns, product, request.output, request.column):
        yield product, entry


def _list_mask_key(context: Context, conn: Connection) -> Iterator[KeyInfo]:
    """The key of masks, once it was made."""
    status = context.keyring.describe([MASK_KEY])[MASK_KEY]
    if not status.is_missing or status.problem or mesh_keys.find(conn, MASK_KEY):
        yield KeyInfo(
            None,
            None,
            None,
            status.state,
            status.made_at,
            status.master,
            problem=status.problem,
            manager=status.manager,
        )


def _describe_key(product: str, entry: EncryptedColumn) -> KeyInfo:
    erasure = entry.last_erasure
    return KeyInfo(
        product,
        entry.label,
        entry.column,
        entry.state,
        entry.status.made_at,
        entry.status.master,
        len(entry.versions),
        sum(version.rows for version in entry.versions),
        erasure.at if erasure else None,
        erasure.by if erasure else None,
        entry.status.problem,
        entry.status.manager,
        entry.status.renewals,
    )
