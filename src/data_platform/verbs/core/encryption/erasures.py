"""Erased columns: which columns of a version are unreadable, and the completion of interrupted erasures.

An erasure is recorded first, and then the key is erased. So the record decides whether a column is erased, and a
program that was interrupted in between is completed by the next one that needs the keys. A list outside the record
names each erased key, so that an older record does not revive one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from data_platform.keys.erasure_list import append_erasures
from data_platform.keys.ring import split_key_id
from data_platform.keys.states import Erasure
from data_platform.record.operations import key_erasures
from data_platform.record.operations.key_erasures import ErasureRow
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.listed_erasures import make_entry
from data_platform.verbs.results.keys import ErasedColumn


def finish_erasures(context: Context, rows: Sequence[ErasureRow]) -> None:
    """Erases the keys of recorded erasures that are not finished, and erased keys that a backup brought back.

    Each erasure is in the home's list of erased keys before its key is erased.
    """
    if not rows:
        return
    append_erasures(context.home.path, map(make_entry, rows))
    keys = context.keyring.describe({row.key_id for row in rows})
    for row in rows:
        came_back = row.key_uid is not None and keys[row.key_id].uid == row.key_uid
        if row.finished_at is None or came_back:
            context.keyring.erase(row.key_id, row.key_uid, Erasure(row.erased_at, row.erased_by))
        if row.finished_at is None:
            with context.record.transaction() as tx:
                key_erasures.finish(tx, row.id, context.clock())


def list_erased_columns(
    conn: Connection, folder: str, label: Callable[[str], str], output: str | None = None
) -> tuple[ErasedColumn, ...]:
    """The last erasure of each erased column of a product, or of one output; `label` names an output by its key."""
    last = {row.key_id: row for row in key_erasures.list_by_folder(conn, folder)}
    columns = [(*split_key_id(key_id)[1:], row) for key_id, row in sorted(last.items())]
    return tuple(
        ErasedColumn(label(key), column, row.version, row.erased_at, row.erased_by)
        for key, column, row in columns
        if column is not None and output in (None, key)
    )


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
