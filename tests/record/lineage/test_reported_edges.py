from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from data_platform.record.lineage import reported_edges
from data_platform.record.lineage.reported_edges import ReportedEdge
from data_platform.record.renaming import rename_product
from data_platform.record.store import Record
from tests.record.given import NOON, registered

INTO = ReportedEdge(
    *(None, None, "postgres://db:5432", "shop.public.orders"),
    *("orders", "t", None, None),
    job="airflow/load",
    run="018c7a5e-0000-7000-8000-000000000001",
    producer="https://github.com/apache/airflow",
    by="ana@x",
    verified=True,
    at=NOON,
    columns=[["id", "id"], ["name", "label"]],
)
OUT = replace(
    INTO,
    source_product="orders",
    source_output="t",
    source_namespace=None,
    source_name=None,
    target_product="report",
    target_output="daily",
)


def test_edges_are_found_from_both_ends(record: Record) -> None:
    with record.transaction() as conn:
        reported_edges.put(conn, [INTO, OUT])
        reported_edges.put(conn, [])
    with record.reading() as conn:
        assert reported_edges.find_above(conn, {("orders", "t")}) == [INTO]
        assert reported_edges.find_above(conn, {("orders", None)}) == [INTO]
        assert reported_edges.find_below(conn, {("orders", "t"), ("report", "daily")}) == [OUT]
        assert reported_edges.find_above(conn, {("report", "daily")}) == [OUT]
        assert reported_edges.find_below(conn, {("orders", "other")}) == []


def test_a_run_that_comes_again_changes_nothing_and_a_later_run_replaces_it(record: Record) -> None:
    later = replace(INTO, run="later", by="ben@x", at=NOON + timedelta(hours=1))
    for edges in ([INTO, INTO], [later], [INTO], [later, INTO]):
        with record.transaction() as conn:
            reported_edges.put(conn, edges)
    with record.reading() as conn:
        assert reported_edges.find_above(conn, {("orders", "t")}) == [later]


def test_of_two_jobs_with_the_same_ends_the_newest_is_found(record: Record) -> None:
    spark = replace(INTO, job="spark/load", at=NOON - timedelta(hours=1))
    with record.transaction() as conn:
        reported_edges.put(conn, [spark, INTO])
    with record.reading() as conn:
        assert reported_edges.find_above(conn, {("orders", "t")}) == [INTO]


def test_only_the_newest_edges_of_an_output_are_kept(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reported_edges, "MOST_EDGES", 3)
    edges = [replace(INTO, source_name=f"table{number}", at=NOON + timedelta(minutes=number)) for number in range(10)]
    with record.transaction() as conn:
        reported_edges.put(conn, [*edges, OUT])
    with record.reading() as conn:
        kept = reported_edges.find_above(conn, {("orders", "t"), ("report", "daily")})
    assert sorted(edge.source_name or "" for edge in kept) == ["", "table7", "table8", "table9"]


def test_the_edges_of_a_renamed_product_follow_it(record: Record) -> None:
    with record.transaction() as conn:
        registered(conn, "orders")
        reported_edges.put(conn, [INTO, OUT])
        rename_product.rename(conn, "orders", "sales", NOON, "ana@x")
        assert reported_edges.find_above(conn, {("sales", "t")}) == [replace(INTO, target_product="sales")]
        assert reported_edges.find_below(conn, {("sales", "t")}) == [replace(OUT, source_product="sales")]
        reported_edges.put(conn, [replace(INTO, target_product="sales")])
        assert len(reported_edges.find_above(conn, {("sales", "t")})) == 1
