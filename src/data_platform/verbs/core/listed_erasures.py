"""Erasures that the home's list of erased keys has, and its record does not: the record is older than they are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection

from data_platform.keys.erasure_list import ErasedKey, read_erasures
from data_platform.keys.ring import split_key_id
from data_platform.record.catalog import outputs, redirects
from data_platform.record.operations import key_erasures
from data_platform.record.operations.key_erasures import ErasureRow
from data_platform.record.store import Record


def make_entry(row: ErasureRow) -> ErasedKey:
    """What the list says of a recorded erasure."""
    return ErasedKey(row.key_id, row.key_uid, row.version, row.erased_at, row.erased_by)


def record_listed_erasures(home: Path, record: Record) -> int:
    """Records the erasures of the list that the record does not have, and returns how many those are.

    From then on no read opens their columns; `finish_erasures` erases the keys. Each covers the versions that the
    record has by now, and none that is published later under the same number.
    """
    listed = read_erasures(home)
    if not listed:
        return 0
    with record.reading() as conn:
        missing = _list_missing(conn, listed)
    if not missing:
        return 0
    with record.transaction() as tx:
        missing = _list_missing(tx, listed)
        for entry in missing:
            key_erasures.add(tx, ErasureRow(0, entry.key_id, entry.uid, entry.version, entry.at, entry.by))
    return len(missing)


def _list_missing(conn: Connection, listed: tuple[ErasedKey, ...]) -> list[ErasedKey]:
    recorded = {replace(make_entry(row), version=0) for row in key_erasures.list_all(conn)}
    missing = [entry for entry in dict.fromkeys(listed) if replace(entry, version=0) not in recorded]
    if not missing:
        return []
    folders = {redirect.product: redirect.folder for redirect in redirects.list_all(conn)}
    newest = {
        (folders.get(product, product), output): version
        for product, output, version in outputs.list_newest_versions(conn)
    }
    return [replace(entry, version=min(entry.version, _find_newest(newest, entry))) for entry in missing]


def _find_newest(newest: dict[tuple[str, str], int], entry: ErasedKey) -> int:
    folder, output, _ = split_key_id(entry.key_id)
    return newest.get((folder, output), 0)
