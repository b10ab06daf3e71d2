"""The outbox: at least once, and in order for each key."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data_platform.record.operations import events, outbox
from data_platform.record.operations.events import Event
from data_platform.record.operations.outbox import DeliveryRefusal, Message, QueuedEvent, Waiting
from data_platform.record.store import Record
from tests.record.given import NOON

LATER = NOON + timedelta(minutes=1)


def number_of(message: Message) -> int:
    body = message.event.body
    assert body is not None
    number: int = body[0]["number"]
    return number


def queue(record: Record, key: str, number: int, *destinations: str) -> None:
    with record.transaction() as conn:
        event = events.add(conn, Event(0, 0, "orders", "published", NOON, "ana", [{"number": number}]))
        outbox.add(conn, [QueuedEvent(event, name, key) for name in destinations or ("marquez",)], NOON)


def claim(record: Record, destination: str = "marquez", limit: int = 100) -> list[tuple[str, int]]:
    with record.transaction() as conn:
        found = outbox.claim(conn, destination, NOON, LATER, limit)
    return [(message.key, number_of(message)) for message in found]


def test_only_the_oldest_of_each_key_leaves(record: Record) -> None:
    for number, key in enumerate(["a", "a", "b", "a", "b"]):
        queue(record, key, number)
    assert claim(record) == [("a", 0), ("b", 2)]


def test_what_is_claimed_is_nobody_elses_until_the_claim_ends(record: Record) -> None:
    queue(record, "a", 0)
    queue(record, "a", 1)
    assert claim(record) == [("a", 0)]
    assert claim(record) == []
    with record.transaction() as conn:
        [message] = outbox.claim(conn, "marquez", LATER, LATER + timedelta(minutes=1))
    assert message.event.body == [{"number": 0}]


def test_the_next_of_a_key_leaves_when_the_one_before_was_delivered(record: Record) -> None:
    queue(record, "a", 0)
    queue(record, "a", 1)
    with record.transaction() as conn:
        [message] = outbox.claim(conn, "marquez", NOON, LATER)
        outbox.remove_delivered(conn, message.id)
    assert claim(record) == [("a", 1)]


def test_a_failed_one_waits_and_holds_back_those_behind_it_but_no_other_key(record: Record) -> None:
    for number, key in enumerate(["a", "a", "b"]):
        queue(record, key, number)
    with record.transaction() as conn:
        first, second = outbox.claim(conn, "marquez", NOON, LATER)
        outbox.record_failure(conn, first.id, LATER, "503 Service Unavailable")
        outbox.remove_delivered(conn, second.id)
    assert claim(record) == []
    with record.reading() as conn:
        [waits] = outbox.list_waiting(conn)
    assert waits == Waiting("marquez", 2, NOON, LATER, 0, "503 Service Unavailable")
    with record.transaction() as conn:
        [again] = outbox.claim(conn, "marquez", LATER, LATER + timedelta(minutes=1))
    assert (again.event.body, again.attempts) == ([{"number": 0}], 1)


def test_destinations_do_not_wait_for_each_other(record: Record) -> None:
    queue(record, "a", 0, "marquez", "datahub")
    assert claim(record, "datahub") == [("a", 0)]
    assert claim(record, "marquez") == [("a", 0)]


@pytest.mark.parametrize("limit", [1, 2])
def test_a_claim_takes_the_oldest_first(record: Record, limit: int) -> None:
    for number in range(4):
        queue(record, f"k{number}", number)
    assert claim(record, limit=limit) == [(f"k{number}", number) for number in range(limit)]


def test_a_message_goes_with_its_transaction(record: Record) -> None:
    with pytest.raises(ZeroDivisionError), record.transaction() as conn:
        event = events.add(conn, Event(0, 0, "orders", "published", NOON, "ana", []))
        outbox.add(conn, [QueuedEvent(event, "marquez", "a")], NOON)
        raise ZeroDivisionError
    assert claim(record) == []


def test_a_refused_one_is_kept_and_holds_nothing_back(record: Record) -> None:
    queue(record, "a", 0)
    queue(record, "a", 1)
    with record.transaction() as conn:
        [first] = outbox.claim(conn, "marquez", NOON, LATER)
        outbox.record_refusal(conn, first.id, NOON, "422 Unprocessable Content")
    with record.reading() as conn:
        why = (DeliveryRefusal("422 Unprocessable Content", 1),)
        assert outbox.list_waiting(conn) == (Waiting("marquez", 1, NOON, NOON, 1, None, why),)
    assert claim(record) == [("a", 1)]


def test_each_reason_of_a_refusal_is_told_beside_what_keeps_the_others_waiting(record: Record) -> None:
    for number in range(4):
        queue(record, f"k{number}", number)
    with record.transaction() as conn:
        *refused, failing = outbox.claim(conn, "marquez", NOON, LATER)
        for message, reason in zip(refused, ["400 Bad Request", "422 Unprocessable", "422 Unprocessable"], strict=True):
            outbox.record_refusal(conn, message.id, NOON, reason)
        outbox.record_failure(conn, failing.id, LATER, "connection refused")
    with record.reading() as conn:
        [waits] = outbox.list_waiting(conn)
    assert (waits.error, waits.next_try) == ("connection refused", LATER)
    assert waits.refusals == (DeliveryRefusal("422 Unprocessable", 2), DeliveryRefusal("400 Bad Request", 1))


def test_what_was_refused_is_tried_again_when_somebody_says_so(record: Record) -> None:
    queue(record, "a", 0)
    queue(record, "b", 1)
    with record.transaction() as conn:
        first, second = outbox.claim(conn, "marquez", NOON, LATER)
        outbox.record_refusal(conn, first.id, NOON, "422 Unprocessable Content")
        outbox.record_failure(conn, second.id, LATER, "503 Service Unavailable")
    assert claim(record) == []
    with record.reading() as conn:
        assert outbox.list_waiting(conn)[0].next_try == LATER
    with record.transaction() as conn:
        assert outbox.try_again(conn, NOON) == 1
    assert claim(record) == [("a", 0), ("b", 1)]


def test_a_claim_that_is_given_up_is_free_at_once_and_counts_as_no_try(record: Record) -> None:
    queue(record, "a", 0)
    with record.transaction() as conn:
        outbox.release(conn, [message.id for message in outbox.claim(conn, "marquez", NOON, LATER)])
        [again] = outbox.claim(conn, "marquez", NOON, LATER)
    assert again.attempts == 0
