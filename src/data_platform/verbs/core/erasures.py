"""Erased columns: which columns of a version are unreadable, and the completion of interrupted erasures.

An erasure is recorded first, and then the key is erased. So the record decides whether a column is erased, and a
program that was interrupted in between is completed by the next one that needs the keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from data_platform.keys.ring import split_key_id
from data_platform.keys.states import Erasure
from data_platform.record.operations import key_erasures
from data_platform.record.operations.key_erasures import ErasureRow
from data_platform.verbs.core.context import Context


def finish_erasures(context: Context, rows: Iterable[ErasureRow]) -> None:
    """Erases the keys of recorded erasures that are not finished."""
    for row in rows:
        if row.finished_at is None:
            context.keyring.erase(row.key_id, row.key_uid, Erasure(row.erased_at, row.erased_by))
            with context.record.transaction() as tx:
                key_erasures.finish(tx, row.id, context.clock())


def map_erasures(conn: Connection, folder: str, output: str, version: int) -> dict[str, Erasure]:
    """The erased columns of a version."""
    return select_erased(key_erasures.list_by_folder(conn, folder), output, version)


def select_erased(rows: Sequence[ErasureRow], output: str, version: int) -> dict[str, Erasure]:
    """The erased columns of a version, from the erasures of its product."""
    erased: dict[str, Erasure] = {}
    for key_id, row in key_erasures.find_covering(rows, version).items():
        _, of_output, column = split_key_id(key_id)
        if of_output == output and column is not None:
            erased[column] = Erasure(row.erased_at, row.erased_by)
    return erased
