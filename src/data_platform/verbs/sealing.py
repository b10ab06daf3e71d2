"""Which columns of an output are sealed, and with which keys.

Keys are named after the product's folder (`Mesh.folder`), which stays when the product gets another name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from data_platform.keys.ring import Keyring, column_key_id, footer_key_id
from data_platform.spec.types import TableSchema
from data_platform.tables.stage import Seal


def key_ids(folder: str, output: str, schema: TableSchema) -> dict[str, str]:
    """The key id of each sealed column."""
    return {column.name: column_key_id(folder, output, column.name) for column in schema if column.encrypted}


def _unheard(key_ids: Sequence[str]) -> None:
    pass


def seal_of(
    keyring: Keyring, folder: str, output: str, schema: TableSchema, made: Callable[[Sequence[str]], None] = _unheard
) -> Seal | None:
    """How the output's PII is sealed, its keys made where they do not exist yet; None where nothing is sealed.

    `made` is told of new keys, before anything is sealed with them.
    """
    columns = key_ids(folder, output, schema)
    if not columns:
        return None
    footer = footer_key_id(folder, output)
    ids = [footer, *columns.values()]
    if new := keyring.ensure(ids):
        made(new)
    return Seal(footer, columns, keyring.fetch(ids))
