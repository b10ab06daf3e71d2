"""Dropping a column's key erases that column, in every version, and nothing else."""

from __future__ import annotations

import hashlib

import pytest

from data_platform import FrameError
from data_platform.errors import DataPlatformError
from data_platform.record.operations import usage
from tests.meshes import World

ROWS = [{"id": 1, "email": "ann@example.org", "phone": "1"}, {"id": 2, "email": None, "phone": "2"}]


@pytest.fixture
def erased(world: World) -> World:
    """`orders.t` of two sealed columns, the key of `email` dropped."""
    world.product(more="pii_columns: [email, phone]").publish("t", ROWS)
    name = hashlib.sha256(b"orders/t/email").hexdigest()[:32]
    (world.home / "keys" / f"{name}.key").unlink()
    return world


def test_the_other_columns_stay_readable_in_clear(erased: World) -> None:
    frame = erased.platform.consume("orders", "t").select("id", "phone")
    assert sorted(tuple(row) for row in frame.collect()) == [(1, "1"), (2, "2")]


def test_the_erased_column_cannot_be_read(erased: World) -> None:
    frame = erased.platform.consume("orders", "t")
    with pytest.raises(FrameError, match="no key to read the encrypted email"):
        frame.collect()


def test_a_version_sealed_by_a_key_that_is_gone_stays_erased_when_there_is_a_new_one(erased: World) -> None:
    erased.product(more="pii_columns: [email, phone]").publish("t", ROWS)
    with pytest.raises(FrameError, match="no key to read the encrypted email: the data is erased"):
        erased.platform.consume("orders", "t", version=1).collect()
    with pytest.raises(DataPlatformError, match="cannot be read: the data is erased"):
        erased.platform.sql('SELECT email FROM "orders"."t#1"').collect()


def test_reading_what_is_erased_is_no_failure_of_the_product(erased: World) -> None:
    erased.product(more="pii_columns: [email, phone]").publish("t", ROWS)
    for _ in range(2):
        with pytest.raises(FrameError):
            erased.platform.consume("orders", "t", version=1).collect()
    with erased.mesh.record.reading() as conn:
        assert [read.error for read in usage.list_reads(conn, "orders")] == [None, None]


def test_the_next_version_is_sealed_with_a_new_key(erased: World) -> None:
    erased.product(more="pii_columns: [email, phone]").publish("t", ROWS)
    assert erased.platform.consume("orders", "t").count() == 2
    assert "ann@example.org" in {row.email for row in erased.platform.consume("orders", "t").collect()}
