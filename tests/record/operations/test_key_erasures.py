"""Erasures of keys in the record, on both databases."""

from __future__ import annotations

from data_platform.record.operations import key_erasures
from data_platform.record.operations.key_erasures import ErasureRow
from data_platform.record.store import Record
from tests.meshes import NOON

EMAIL = ErasureRow(0, "or_ders/t/email", "u1", 2, NOON, "ana")
LATER = ErasureRow(0, "or_ders/t/email", "u2", 5, NOON, "bea")
PHONE = ErasureRow(0, "or_ders/t/phone", None, 3, NOON, "ana", NOON)
OTHERS = [ErasureRow(0, f"{folder}/t/email", "u", 9, NOON, "ana") for folder in ("orders", "or_ders2", "or_der")]


def test_erasures_are_those_of_a_key_or_of_a_product(record: Record) -> None:
    with record.transaction() as tx:
        for row in (EMAIL, LATER, PHONE, *OTHERS):
            key_erasures.add(tx, row)
    with record.reading() as conn:
        of_product = key_erasures.list_by_folder(conn, "or_ders")
        assert [(row.key_id, row.key_uid) for row in of_product] == [
            ("or_ders/t/email", "u1"),
            ("or_ders/t/email", "u2"),
            ("or_ders/t/phone", None),
        ]
        assert key_erasures.list_by_keys(conn, ["or_ders/t/phone"]) == of_product[2:]
        assert key_erasures.list_by_keys(conn, []) == ()


def test_a_version_is_covered_by_the_first_erasure_after_it(record: Record) -> None:
    with record.transaction() as tx:
        for row in (EMAIL, LATER, PHONE):
            key_erasures.add(tx, row)
    with record.reading() as conn:
        rows = key_erasures.list_by_folder(conn, "or_ders")
    uids = [key_erasures.find_covering(rows, version).get("or_ders/t/email") for version in (1, 2, 3, 5, 6)]
    assert [row and row.key_uid for row in uids] == ["u1", "u1", "u2", "u2", None]
    assert set(key_erasures.find_covering(rows, 4)) == {"or_ders/t/email"}


def test_an_erasure_is_unfinished_until_its_key_is_erased(record: Record) -> None:
    with record.transaction() as tx:
        key_erasures.add(tx, EMAIL)
        key_erasures.add(tx, PHONE)
        (row,) = key_erasures.list_unfinished(tx)
        assert row.key_id == EMAIL.key_id
        key_erasures.finish(tx, row.id, NOON)
    with record.reading() as conn:
        assert key_erasures.list_unfinished(conn) == ()
        assert key_erasures.list_by_keys(conn, [EMAIL.key_id])[0].finished_at == NOON
