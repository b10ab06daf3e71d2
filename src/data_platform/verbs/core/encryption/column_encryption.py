"""Which columns of an output are encrypted, and with which keys.

Keys are named after the product's folder (`Mesh.folder`), which stays when the product gets another name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from data_platform.errors import NotFound, StorageFailed
from data_platform.keys.ring import LOST, KeySupply, column_key_id, footer_key_id
from data_platform.keys.states import KeyStatus
from data_platform.record.audit_log import trail
from data_platform.record.catalog import versions
from data_platform.record.operations import key_erasures
from data_platform.record.operations.key_erasures import ErasureRow
from data_platform.spec.schema.types import TableSchema
from data_platform.tables.staging.stage import Seal
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.encryption.erasures import finish_erasures


def map_key_ids(folder: str, output: str, schema: TableSchema) -> dict[str, str]:
    """The key id of each encrypted column."""
    return {column.name: column_key_id(folder, output, column.name) for column in schema if column.encrypted}


def _ignore_new_keys(key_ids: Sequence[str]) -> None:
    pass


def build_seal(
    keyring: KeySupply,
    folder: str,
    output: str,
    schema: TableSchema,
    now: datetime,
    made: Callable[[Sequence[str]], None] = _ignore_new_keys,
) -> Seal | None:
    """How the output's PII is encrypted, its keys made where they do not exist yet; None where nothing is encrypted.

    `made` is called with new key ids, before anything is encrypted with them.
    """
    columns = map_key_ids(folder, output, schema)
    if not columns:
        return None
    footer = footer_key_id(folder, output)
    ids = [footer, *columns.values()]
    if new := keyring.ensure(ids, now):
        made(new)
    return Seal(footer, columns, keyring.fetch(ids))


@dataclass(frozen=True, slots=True)
class PublishSeal:
    """How a publish encrypts, and how many erasures and renewals of its keys there were before it fetched them."""

    seal: Seal | None
    key_ids: tuple[str, ...] = ()
    erasures: int = 0
    renewals: int = 0


def seal_publish(
    context: Context, product: str, output: str, schema: TableSchema, made: Callable[[Sequence[str]], None]
) -> PublishSeal:
    """The keys of a publish: existing ones, and new ones for columns without a key or whose key was erased.

    `made` is called with new key ids, before anything is encrypted with them. Raises StorageFailed where new keys would
    hide that the old ones are lost.
    """
    folder = context.folder(product)
    columns = map_key_ids(folder, output, schema)
    if not columns:
        return PublishSeal(None)
    ids = (footer_key_id(folder, output), *columns.values())
    with context.record.reading() as conn:
        erasures = key_erasures.list_by_keys(conn, ids)
    finish_erasures(context, erasures)
    statuses = context.keyring.describe(ids)
    _require_keys(context, product, output, statuses, erasures)

    try:
        seal = build_seal(context.keyring, folder, output, schema, context.clock(), made)
    except NotFound as error:
        raise StorageFailed(f"nothing was published to {product}.{output}: {error.message}", hint=error.hint) from error
    return PublishSeal(seal, ids, len(erasures), _count_renewals(statuses))


def _count_renewals(statuses: Mapping[str, KeyStatus]) -> int:
    return sum(status.renewals for status in statuses.values())


def require_current_keys(context: Context, tx: Connection, sealed: PublishSeal, subject: str) -> None:
    """Raises StorageFailed if a key of the publish was erased or renewed meanwhile; the output is locked."""
    if len(key_erasures.list_by_keys(tx, sealed.key_ids)) != sealed.erasures:
        raise StorageFailed(
            f"nothing was published to {subject}: a key of its encrypted columns was erased while the publish ran",
            hint="publish again",
        )
    if sealed.key_ids and _count_renewals(context.keyring.describe(sealed.key_ids)) > sealed.renewals:
        raise StorageFailed(
            f"nothing was published to {subject}: a key of its encrypted columns was renewed while the publish ran",
            hint="publish again",
        )


def _require_keys(
    context: Context, product: str, output: str, keys: Mapping[str, KeyStatus], erasures: Sequence[ErasureRow]
) -> None:
    """Raises StorageFailed where a key that encrypted the newest version is missing, and was not erased."""
    missing = {key_id for key_id, status in keys.items() if status.is_missing}
    folder = context.home.path / "keys"
    if not missing or (folder / LOST).exists():
        return
    with context.record.reading() as conn:
        newest = versions.find_latest(conn, product, output)
        made = trail.has_made_keys(conn)
    if newest is not None:
        of_newest = map_key_ids(context.folder(product), output, newest.schema)
        lost = [name for name, key_id in of_newest.items() if key_id in missing]
        covered = key_erasures.find_covering(erasures, newest.version)
        lost = [name for name in lost if of_newest[name] not in covered]
        footer = footer_key_id(context.folder(product), output)
        if of_newest and (lost or footer in missing):
            raise _missing_keys_error(context, f"{product}.{output}", lost, [keys[key].problem for key in missing])
    if made and context.keyring.is_empty():
        raise StorageFailed(
            f"every key of this mesh is missing from {folder}: no new ones are made in their place",
            hint=f"put them back, or data-platform restore a backup that has them; {_describe_loss(context)}",
        )


def _missing_keys_error(
    context: Context, name: str, columns: Sequence[str], problems: Sequence[str | None]
) -> StorageFailed:
    what = ", ".join(columns) or "the footers"
    why = "".join(f" ({problem})" for problem in dict.fromkeys(problems) if problem)
    removed = (
        f"if a key was removed to erase a column: data-platform keys erase {name}.{columns[0]}; " if columns else ""
    )
    return StorageFailed(
        f"the keys that encrypted {what} of {name} are missing from {context.home.path / 'keys'}{why}: "
        "no new ones are made in their place",
        hint=f"put them back, or data-platform restore a backup that has them; {removed}{_describe_loss(context)}",
    )


def _describe_loss(context: Context) -> str:
    lost = context.home.path / "keys" / LOST
    return f"if they are gone for good: touch {lost}, and what they encrypted stays unreadable"
