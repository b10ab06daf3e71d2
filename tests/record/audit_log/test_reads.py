"""Reads are sealed in batches, each once, and none below which another may still appear."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from data_platform.record.audit_log import reads
from data_platform.record.operations import events
from data_platform.record.operations.events import Event
from data_platform.record.store import Record
from tests.record.audit_log.test_log import read, seal, verdict
from tests.record.given import NOON


def test_reads_are_sealed_once_in_batches_and_survive_new_transaction_numbers(record: Record) -> None:
    for number in range(5):
        read(record, str(number))
    with record.reading() as conn:
        assert reads.count_unsealed(conn) == 5
    assert [seal(record, limit=2) for _ in range(4)] == [2, 2, 1, 0]
    with record.transaction() as conn:
        assert reads.count_unsealed(conn) == 0
        if conn.dialect.name == "postgresql":
            events.renumber(conn)
        assert verdict(conn) is None


@pytest.mark.engines
def test_no_read_is_sealed_below_which_another_may_still_appear(postgres_url: str) -> None:
    with Record.open(postgres_url) as record, ExitStack() as open_ones:
        slow = open_ones.enter_context(record.transaction())
        events.add(slow, Event(0, 0, "orders", "consumed", NOON, "slow"))
        read(record, "quick")
        assert seal(record) == 0
        open_ones.close()
        assert seal(record) == 2
