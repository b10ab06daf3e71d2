from __future__ import annotations

import threading
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pytest

from data_platform.errors import LimitExceeded, QueryFailed
from data_platform.record.operations import quotas
from data_platform.settings.quotas import Quota
from data_platform.verbs.core.renewal import LEASE
from data_platform.verbs.publishing import publish as publishing
from data_platform.verbs.results import DomainUsage
from tests.meshes import IDS, ROWS, World
from tests.verbs.test_statements import run_counted


def limit(world: World, **by_domain: Quota) -> None:
    """Gives domains their quotas."""
    world.mesh.settings = replace(world.mesh.settings, quotas=MappingProxyType(by_domain))


def usage(world: World) -> DomainUsage:
    return world.platform.domains("sales")[0].usage


def test_a_domain_stores_no_more_than_its_quota(world: World) -> None:
    product = world.product(columns=IDS)
    product.publish("t", ROWS)
    used = usage(world).stored
    assert used == world.platform.versions("orders", "t")[0].bytes
    limit(world, sales=Quota(stored=used + 1))
    with pytest.raises(LimitExceeded, match=f"sales stores {used:,} bytes of the {used + 1:,} of its quota, and this"):
        product.publish("t", ROWS)
    limit(world, sales=Quota(stored=used))
    with pytest.raises(LimitExceeded, match=r"of its quota\n") as failure:
        product.publish("t", ROWS)
    assert failure.value.hint == (
        "try again later; an administrator raises stored under [quotas.sales] in settings.toml"
    )
    assert world.numbers() == [1]
    limit(world, sales=Quota(stored=used * 2), other=Quota(stored=0))
    assert product.publish("t", ROWS).version == 2


@pytest.mark.long
def test_a_stage_ends_when_its_bytes_pass_the_quota(world: World) -> None:
    product = world.product(columns={"text": {"type": "string"}})
    read: list[int] = []

    def batches() -> Any:
        for number in range(40):
            read.append(number)
            yield pa.record_batch({"text": [f"{number}-{row}" * 40 for row in range(20_000)]})

    schema = pa.schema({"text": pa.string()})
    limit(world, sales=Quota(stored=100_000))
    with pytest.raises(LimitExceeded, match="this publish adds"):
        product.publish("t", pa.RecordBatchReader.from_batches(schema, batches()))
    assert len(read) < 20
    assert not world.files()


def test_a_domain_publishes_so_often_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    product = world.product(columns=IDS)
    product.register()
    limit(world, sales=Quota(publishes=1))
    entered, go_on = threading.Event(), threading.Event()
    stage = publishing.stage

    def stall(*given: Any) -> Any:
        entered.set()
        go_on.wait(10)
        return stage(*given)

    monkeypatch.setattr(publishing, "stage", stall)
    first = threading.Thread(target=lambda: product.publish("t", ROWS))
    first.start()
    entered.wait(10)
    with pytest.raises(LimitExceeded, match="runs 1 publishes at once, and its quota is 1") as failure:
        product.publish("t", ROWS)
    assert failure.value.retry_after == 5
    assert usage(world) == DomainUsage(publishes=1, publishes_quota=1)
    go_on.set()
    first.join()
    assert product.publish("t", ROWS).version == 2


def test_a_publish_that_ended_without_a_word_gives_its_slot_back(world: World) -> None:
    product = world.product(columns=IDS)
    product.register()
    limit(world, sales=Quota(publishes=1))
    with world.mesh.record.transaction() as tx:
        quotas.take_slot(tx, "dead", "sales", 1, world.clock.now, world.clock.now + LEASE)
    with pytest.raises(LimitExceeded):
        product.publish("t", ROWS)
    world.clock.now += LEASE
    assert product.publish("t", ROWS).version == 1


@pytest.mark.long
def test_queries_of_a_domain_have_seconds_in_an_hour(world: World) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    limit(world, sales=Quota(query_seconds=1))
    query = "SELECT count(*) AS n FROM orders.t"
    world.platform.sql(query).collect()
    assert usage(world).query_seconds > 0
    settings = world.mesh.settings
    world.mesh.settings = replace(settings, limits=replace(settings.limits, query_seconds=1))
    with pytest.raises(QueryFailed, match="did not finish in 1 seconds"):
        world.platform.sql("SELECT sum(a.x) FROM orders.t, range(100000) a(x), range(100000) b(y)").collect()
    assert usage(world).query_seconds >= 1
    with pytest.raises(LimitExceeded, match="in the last hour, and its quota is 1") as failure:
        world.platform.sql(query)
    assert failure.value.retry_after == 3600
    world.clock.later(hours=1)
    world.mesh.settings = settings
    assert world.platform.sql(query).collect()


def test_a_domain_without_a_quota_costs_what_finding_it_does(world: World) -> None:
    product = world.product(columns=IDS)
    product.publish("t", ROWS)
    product.publish("t", ROWS)
    counts = [len(run_counted(world, lambda: product.publish("t", ROWS)))]
    limit(world, other=Quota(1, 1, 1))
    counts.append(len(run_counted(world, lambda: product.publish("t", ROWS))))
    assert counts[1] - counts[0] <= 3


def test_a_refused_publish_takes_no_lock(world: World) -> None:
    product = world.product(columns=IDS)
    product.publish("t", ROWS)
    changed = world.product(columns=IDS, more="tags: [new]")
    limit(world, sales=Quota(stored=1))

    def publish() -> None:
        with pytest.raises(LimitExceeded):
            changed.publish("t", ROWS)

    assert not [text for text in run_counted(world, publish) if not text.startswith(("BEGIN", "SELECT", "PRAGMA"))]
    assert "BEGIN IMMEDIATE" not in run_counted(world, publish)
