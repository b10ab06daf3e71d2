from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from data_platform.record.operations import incidents
from data_platform.record.operations.incidents import Incident, IncidentCause
from data_platform.record.store import Record
from tests.record.given import NOON, later, registered

NULLS = IncidentCause("orders", "orders_fact", "rule:no_null", "3 nulls", "low")
LATE = replace(NULLS, cause="late", summary="late")


@pytest.fixture
def orders(record: Record) -> Record:
    with record.transaction() as conn:
        registered(conn)
    return record


def read_timeline(record: Record, incident: Incident) -> list[tuple[str, str, str | None]]:
    with record.reading() as conn:
        return [(entry.kind, entry.by, entry.text) for entry in incidents.list_timeline(conn, incident.id)]


def test_a_cause_that_strikes_again_counts_up_the_open_incident(orders: Record) -> None:
    with orders.transaction() as conn:
        first = incidents.record_occurrence(conn, NULLS, NOON, "ana")
        again = incidents.record_occurrence(conn, replace(NULLS, summary="5 nulls"), later(hours=1), "bo")
        assert incidents.list_history(conn, "orders") == (again,)
    assert (first.id, first.occurrences, first.last_at) == (again.id, 1, NOON)
    assert (again.occurrences, again.summary, again.opened_at, again.last_at) == (2, "5 nulls", NOON, later(hours=1))
    assert again.resolved_at is None
    assert read_timeline(orders, first) == [("opened", "ana", "3 nulls"), ("again", "bo", "5 nulls")]


def test_another_cause_or_output_is_another_incident(orders: Record) -> None:
    with orders.transaction() as conn:
        ids = {
            incidents.record_occurrence(conn, stroke, NOON, "ana").id
            for stroke in (NULLS, LATE, replace(NULLS, output="daily"))
        }
        assert len(incidents.list_history(conn, "orders", output="daily")) == 1
    assert len(ids) == 3


def test_the_open_causes_of_some_products(orders: Record) -> None:
    with orders.transaction() as tx:
        registered(tx, "customers")
        for product in ("orders", "customers"):
            cause = IncidentCause(product, "t", "late", "it is late", "low")
            incidents.open_if_absent(tx, [cause, replace(cause, cause="refused")], NOON, "ana")
        incidents.resolve(tx, "orders", "t", {"late"}, later(days=1), "ana", "a good publish")
        assert incidents.list_open_causes(tx, ["orders", "nosuch"]) == (("orders", "refused", "low"),)
        assert len(incidents.list_open_causes(tx, ["customers", "orders"])) == 3
        assert incidents.list_open_causes(tx, []) == ()


def test_a_resolved_incident_stays_in_history_and_the_next_one_is_new(orders: Record) -> None:
    with orders.transaction() as conn:
        first = incidents.record_occurrence(conn, NULLS, NOON, "ana")
        incidents.record_occurrence(conn, LATE, NOON, "ana")
        (closed,) = incidents.resolve(conn, *NULLS.key[:2], [NULLS.cause, "unknown"], later(hours=1), "bo", "mended")
        assert closed.id == first.id
        assert incidents.resolve(conn, *NULLS.key[:2], [NULLS.cause], later(hours=2), "bo") == ()
        second = incidents.record_occurrence(conn, NULLS, later(hours=3), "ana")
        assert [each.cause for each in incidents.list_history(conn, "orders", open_only=True)] == [NULLS.cause, "late"]
        newest, _, oldest = sorted(incidents.list_history(conn), key=lambda each: -each.id)
    assert (newest.id, newest.occurrences) == (second.id, 1)
    assert (oldest.id, oldest.resolved_at, oldest.resolved_by) == (first.id, later(hours=1), "bo")
    assert read_timeline(orders, first)[-1] == ("resolved", "bo", "mended")


def test_a_condition_that_holds_is_told_once(orders: Record) -> None:
    with orders.transaction() as conn:
        (opened,) = incidents.open_if_absent(conn, [LATE], NOON, "tick")
        assert incidents.open_if_absent(conn, [replace(LATE, summary="later")], later(minutes=1), "tick") == ()
        (another,) = incidents.open_if_absent(conn, [LATE, NULLS], later(minutes=1), "tick")
        assert incidents.open_if_absent(conn, [], NOON, "tick") == ()
        standing = incidents.find(conn, opened.id)
    assert standing is not None
    assert (standing.summary, standing.occurrences, standing.last_at, another.cause) == ("late", 1, NOON, NULLS.cause)
    assert read_timeline(orders, opened) == [("opened", "tick", "late")]


def test_severity_only_rises(orders: Record) -> None:
    with orders.transaction() as conn:
        opened = incidents.record_occurrence(conn, NULLS, NOON, "ana")
        high = incidents.raise_severity(conn, opened.id, "high", NOON, "ana")
        assert high is not None
        assert incidents.record_occurrence(conn, replace(NULLS, severity="critical"), NOON, "ana").severity == "high"
        assert incidents.raise_severity(conn, opened.id, "medium", NOON, "ana") is None
        grown = incidents.raise_severity(conn, opened.id, "critical", later(hours=1), "tick")
        assert grown is not None
        assert grown.severity == "critical"
        assert not incidents.raise_severity(conn, opened.id, "critical", later(hours=2), "tick")
        assert not incidents.raise_severity(conn, opened.id, "low", later(hours=2), "tick")
        assert [each.severity for each in incidents.list_history(conn, severities=["critical"])] == ["critical"]
        assert incidents.list_history(conn, severities=["low", "high"]) == ()
        incidents.resolve_by_id(conn, [opened.id], NOON, "ana")
        assert not incidents.raise_severity(conn, opened.id, "critical", NOON, "tick")
    assert [text for kind, _, text in read_timeline(orders, opened) if kind == "severity"] == ["high", "critical"]


def test_people_acknowledge_comment_and_resolve(orders: Record) -> None:
    with orders.transaction() as conn:
        opened = incidents.record_occurrence(conn, NULLS, NOON, "ana")
        assert incidents.acknowledge(conn, opened.id, later(hours=1), "bo", "on it")
        assert not incidents.acknowledge(conn, opened.id, later(hours=2), "cy")
        incidents.add_comment(conn, opened.id, later(hours=2), "cy", "the feed was late")
        assert len(incidents.resolve_by_id(conn, [opened.id], later(hours=3), "bo")) == 1
        assert incidents.resolve_by_id(conn, [opened.id], later(hours=4), "bo") == ()
        assert not incidents.acknowledge(conn, opened.id, later(hours=4), "bo")
        assert incidents.find(conn, opened.id + 1) is None
        found = incidents.find(conn, opened.id)
    assert found is not None
    assert (found.acknowledged_at, found.acknowledged_by, found.resolved_by) == (later(hours=1), "bo", "bo")
    assert read_timeline(orders, opened) == [
        ("opened", "ana", "3 nulls"),
        ("acknowledged", "bo", "on it"),
        ("comment", "cy", "the feed was late"),
        ("resolved", "bo", None),
    ]


def test_many_writers_at_once_have_one_incident_and_lose_no_stroke(orders: Record) -> None:
    def strike() -> None:
        for _ in range(5):
            with orders.transaction() as conn:
                incidents.record_occurrence(conn, NULLS, NOON, "ana")
            with orders.transaction() as conn:
                incidents.open_if_absent(conn, [LATE], NOON, "tick")

    writers = [threading.Thread(target=strike) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with orders.reading() as conn:
        counted = {each.cause: each for each in incidents.list_history(conn, "orders")}
    assert (counted[NULLS.cause].occurrences, counted["late"].occurrences) == (20, 1)
    assert [kind for kind, _, _ in read_timeline(orders, counted[NULLS.cause])] == ["opened", *["again"] * 19]
    assert [kind for kind, _, _ in read_timeline(orders, counted["late"])] == ["opened"]


def test_opening_and_resolving_at_once_never_leaves_two_open(orders: Record) -> None:
    def work(at: int) -> None:
        for _ in range(8):
            with orders.transaction() as conn:
                if at % 2:
                    incidents.open_if_absent(conn, [LATE], NOON, "tick")
                else:
                    incidents.resolve(conn, *LATE.key[:2], [LATE.cause], NOON, "tick")

    workers = [threading.Thread(target=work, args=(at,)) for at in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with orders.reading() as conn:
        known = incidents.list_history(conn, "orders")
        kinds = [[entry.kind for entry in incidents.list_timeline(conn, each.id)] for each in known]
    assert len([each for each in known if each.resolved_at is None]) <= 1
    assert {tuple(each) for each in kinds} <= {("opened",), ("opened", "resolved")}
