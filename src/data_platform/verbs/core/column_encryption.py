"""Which columns of an output are sealed, and with which keys.

Keys are named after the product's folder (`Mesh.folder`), which stays when the product gets another name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from data_platform.errors import StorageFailed
from data_platform.keys.ring import LOST, NOT_IN_BACKUP, Keyring, MissingKeys, column_key_id, footer_key_id
from data_platform.record.audit_log import trail
from data_platform.record.catalog import versions
from data_platform.spec.schema.record import restore_schema
from data_platform.spec.schema.types import TableSchema
from data_platform.tables.staging.stage import Seal
from data_platform.verbs.core.context import Context


def map_key_ids(folder: str, output: str, schema: TableSchema) -> dict[str, str]:
    """The key id of each sealed column."""
    return {column.name: column_key_id(folder, output, column.name) for column in schema if column.encrypted}


def _ignore_new_keys(key_ids: Sequence[str]) -> None:
    pass


def build_seal(
    keyring: Keyring,
    folder: str,
    output: str,
    schema: TableSchema,
    made: Callable[[Sequence[str]], None] = _ignore_new_keys,
) -> Seal | None:
    """How the output's PII is sealed, its keys made where they do not exist yet; None where nothing is sealed.

    `made` is called with new key ids, before anything is sealed with them.
    """
    columns = map_key_ids(folder, output, schema)
    if not columns:
        return None
    footer = footer_key_id(folder, output)
    ids = [footer, *columns.values()]
    if new := keyring.ensure(ids):
        made(new)
    return Seal(footer, columns, keyring.fetch(ids))


def find_missing_keys(context: Context, product: str, output: str) -> MissingKeys | None:
    """Why the output's keys are missing; None where they are there, and where they are known to be gone for good.

    Erasing drops keys of columns alone, so an output without the key of its footers has not been erased.
    """
    keys = context.home.path / "keys"
    if not context.keyring.find_missing([footer_key_id(context.folder(product), output)]) or (keys / LOST).exists():
        return None
    if (keys / NOT_IN_BACKUP).exists():
        reason, origin = "the keys were not in the backup that this home was made from", "the home that was backed up"
    else:
        reason, origin = f"the keys are missing from {keys}", "a backup with keys"
    return MissingKeys(reason, f"copy the files keys/*.key of {origin} to {keys}, with mode 600")


def find_sealed_without_key(context: Context, product: str, output: str, schema: TableSchema) -> tuple[str, ...]:
    """The encrypted columns that have no key."""
    columns = map_key_ids(context.folder(product), output, schema)
    missing = set(context.keyring.find_missing(columns.values()))
    return tuple(name for name, key_id in columns.items() if key_id in missing)


def require_keys(context: Context, product: str, output: str, schema: TableSchema) -> None:
    """Raises StorageFailed where new keys would hide that the old ones are lost.

    Erasing drops keys of columns; where the footer key is missing too, or every key, the keys were lost.
    """
    folder = context.folder(product)
    columns = map_key_ids(folder, output, schema)
    ids = [footer_key_id(folder, output), *columns.values()]
    if not columns or len(context.keyring.find_missing(ids)) < len(ids):
        return
    with context.record.reading() as conn:
        newest = versions.find_latest(conn, product, output)
        made = trail.has_made_keys(conn)
    sealed = newest is not None and bool(map_key_ids(folder, output, restore_schema(newest.schema)))
    keys = context.home.path / "keys"
    if (sealed and not (keys / LOST).exists()) or (made and context.keyring.is_empty()):
        whose = f"the keys that sealed {product}.{output} are" if sealed else "every key of this mesh is"
        raise StorageFailed(
            f"{whose} missing from {keys}: no new ones are made in their place",
            hint="put them back, or data-platform restore a backup that has them; "
            f"if they are gone for good: touch {keys / LOST}, and what they sealed stays unreadable",
        )
