"""Whatever changes in the mesh is told as an event, in the transaction of the change, valid, and without secrets."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from data_platform import DataQualityError, Refused
from data_platform.engine.origin import Origin
from data_platform.record.catalog import versions
from data_platform.record.operations import events, outbox
from data_platform.record.operations.events import Event
from data_platform.settings import FilesSource, OpenLineage, PostgresSource, Template
from data_platform.verbs.events.dataset_names import name_origin
from tests.lineage.openlineage import needs_the_standard, problems
from tests.meshes import IDS, ROWS, World

NO_ROWS = "quality_rules:\n  - rule: none\n    sql: SELECT count(*) FROM t"
PEOPLE = {"id": {"type": "integer"}, "email": {"type": "string"}}
SECRET = "somchai@example.com"


def told(world: World) -> tuple[Event, ...]:
    with world.mesh.record.reading() as conn:
        return events.list_after(conn)


def kinds(world: World) -> list[str]:
    return [event.kind for event in told(world)]


def last(world: World) -> list[dict[str, Any]]:
    body = told(world)[-1].body
    assert body is not None
    return body


def table(world: World, product: str) -> dict[str, str]:
    return {"namespace": "file", "name": world.context.place(product, "t").location}


def everything(world: World) -> None:
    """A product of another, refused once, published, read: every kind of event."""
    world.product("people", PEOPLE, more="pii_columns: [email]").publish("t", [{"id": 1, "email": SECRET}])
    orders = world.product("orders", PEOPLE, more="inputs:\n  - {data_product: people, output: t}")
    frame = orders.consume("people", "t").where("id > 0")
    with pytest.raises(Refused):
        orders.publish("t", [{"id": "somchai@example.com", "email": None}])
    draft = "status: draft\ninputs:\n  - {data_product: people, output: t}"
    broken = world.product("orders", PEOPLE, output=NO_ROWS, more=draft)
    with pytest.raises(DataQualityError):
        broken.publish("t", frame)
    world.product("orders", PEOPLE, more="inputs:\n  - {data_product: people, output: t}").publish("t", frame)
    world.platform.consume("orders", "t").collect()


def test_register_publish_and_consume_are_told_in_order(world: World) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    world.platform.consume("orders", "t").collect()
    assert kinds(world) == ["registered", "published", "consumed"]


def test_a_registration_that_changes_nothing_is_not_told(world: World) -> None:
    product = world.product(columns=IDS)
    product.register()
    product.register()
    assert kinds(world) == ["registered"]
    world.product(columns=IDS, more="description: Orders.").register()
    assert kinds(world) == ["registered", "registered"]


def test_only_an_output_whose_schema_changed_is_altered(world: World) -> None:
    more = "  - name: u\n    schema: t.json"
    world.product(columns=IDS).register()
    world.product(columns=IDS, more="description: Orders.").register()
    assert "lifecycleStateChange" not in last(world)[0]["dataset"]["facets"]
    world.product(columns={**IDS, "note": {"type": "string"}}, more=more).register()
    changes = [event["dataset"]["facets"].get("lifecycleStateChange") for event in last(world) if "dataset" in event]
    assert [change and change["lifecycleStateChange"] for change in changes] == ["ALTER", None]


def test_a_refusal_is_told(world: World) -> None:
    with pytest.raises(DataQualityError):
        world.product(columns=IDS, output=NO_ROWS, more="status: draft").publish("t", ROWS)
    world.product(columns=IDS).publish("t", ROWS)
    assert kinds(world) == [
        "registered",
        "refused",
        "incident_opened",
        "registered",
        "published",
        "incident_resolved",
    ]


@needs_the_standard
def test_every_event_is_valid_under_the_official_schemas(world: World) -> None:
    everything(world)
    assert {event.kind for event in told(world) if event.body} == {"registered", "refused", "published", "consumed"}
    assert [problem for event in told(world) for each in event.body or () for problem in problems(each)] == []


def test_no_event_tells_a_value_of_the_data_or_who_reads(world: World) -> None:
    everything(world)
    text = json.dumps([event.body for event in told(world)])
    assert SECRET not in text
    assert world.context.principal.name not in text.replace(str(world.root), "")


def test_a_publish_is_one_run_told_by_its_stage(world: World) -> None:
    product = world.product(columns=IDS)
    product.register()
    world.clock.later(seconds=5)

    def two_seconds(step: str, rows: int) -> None:
        if step == "staged":
            world.clock.later(seconds=2)

    product.publish("t", ROWS, watch=two_seconds)
    start, complete, *quality = last(world)
    with world.mesh.record.reading() as conn:
        stage = versions.find_latest(conn, "orders", "t")
    assert stage is not None
    assert complete["run"]["runId"].replace("-", "") == stage.stage_id
    assert (start["eventTime"], complete["eventTime"]) == ("2026-11-23T12:00:05.000000Z", "2026-11-23T12:00:07.000000Z")
    assert quality == []


def test_rules_are_told_as_a_run_that_reads_the_version(world: World) -> None:
    world.product(columns=IDS, required=("id",), output="primary_key: [id]").publish("t", ROWS)
    *_, judged = last(world)
    [dataset] = judged["inputs"]
    assert {"namespace": dataset["namespace"], "name": dataset["name"]} == table(world, "orders")
    found = dataset["inputFacets"]["dataQualityAssertions"]["assertions"]
    assert found
    assert all(each["success"] and each["actual"] == "0" for each in found)


def test_a_frame_is_told_with_its_inputs_and_column_by_column(world: World) -> None:
    world.product("people", PEOPLE).publish("t", [{"id": 1, "email": "a"}])
    orders = world.product("orders", PEOPLE)
    orders.publish("t", orders.consume("people", "t").where("id > 0"))
    complete = last(world)[1]
    [read] = complete["inputs"]
    assert (read["name"], read["facets"]["version"]["datasetVersion"]) == (table(world, "people")["name"], "1")
    lineage = complete["outputs"][0]["facets"]["columnLineage"]
    [email] = lineage["fields"]["email"]["inputFields"]
    assert {key: email[key] for key in ("namespace", "name", "field")} == {**table(world, "people"), "field": "email"}
    assert email["transformations"] == [{"type": "DIRECT", "subtype": "IDENTITY", "masking": False}]
    [filtered] = lineage["dataset"]
    assert (filtered["field"], filtered["transformations"][0]["subtype"]) == ("id", "FILTER")


def test_a_frame_is_told_with_its_sql_and_without_the_values_in_it(world: World) -> None:
    world.product("people", PEOPLE).publish("t", [{"id": 1, "email": SECRET}])
    orders = world.product("orders", PEOPLE)
    orders.publish("t", orders.consume("people", "t").where(f"email = '{SECRET}' AND id < 4711").limit(3))
    query = last(world)[1]["job"]["facets"]["sql"]["query"]
    assert "somchai" not in query
    assert "4711" not in query
    assert """("t_v1"."email" = ?) AND ("t_v1"."id" < ?)""" in query


def test_rows_without_a_frame_claim_no_column_lineage(world: World) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    assert "columnLineage" not in last(world)[1]["outputs"][0]["facets"]


def test_a_stream_is_told_by_its_topic(world: World) -> None:
    lines = [
        "name: clicks",
        "domain: web",
        "owner: ana@x",
        "outputs:",
        "  - {name: s, type: stream, topic: web.clicks}",
    ]
    folder = world.write("clicks", "\n".join(lines))
    world.platform.register(folder)
    dataset = last(world)[0]["dataset"]
    assert (dataset["namespace"], dataset["name"]) == ("data-platform", "web.clicks")
    assert dataset["facets"]["datasetType"]["datasetType"] == "STREAM"


class TestNamesOfSources:
    def name(self, world: World, source: FilesSource | PostgresSource, table: str) -> tuple[str, str]:
        world.mesh.settings = replace(world.mesh.settings, sources={"shop": source})
        return tuple(name_origin(world.context, Origin("source", "shop", table)))

    def postgres(self, uri: str) -> PostgresSource:
        return PostgresSource("shop", Template(uri, "source 'shop'"))

    def test_a_table_of_postgres_is_named_by_server_database_and_schema(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SHOP_PASSWORD", "hunter2")
        source = self.postgres("postgresql://ana:${SHOP_PASSWORD}@db.example.org/shop")
        assert self.name(world, source, "orders") == ("postgres://db.example.org:5432", "shop.public.orders")
        assert self.name(world, source, "sales.orders") == ("postgres://db.example.org:5432", "shop.sales.orders")

    @pytest.mark.parametrize(
        "uri", ["postgresql:///shop", "postgresql://a,b/shop", "postgresql://db", "${NOT_SET_AT_ALL}"]
    )
    def test_a_server_that_cannot_be_told_leaves_the_logical_name(self, world: World, uri: str) -> None:
        assert self.name(world, self.postgres(uri), "orders") == ("data-platform", "shop.orders")

    def test_a_file_is_named_by_its_path(self, world: World) -> None:
        (world.root / "orders.csv").write_text("id\n1\n")
        source = FilesSource("shop", Template(str(world.root), "source 'shop'"), world.root)
        assert self.name(world, source, "orders") == ("file", str(world.root / "orders.csv"))

    def test_a_source_that_settings_do_not_know_keeps_its_logical_name(self, world: World) -> None:
        assert name_origin(world.context, Origin("source", "gone", "t")) == ("data-platform", "gone.t")


class TestOutbox:
    def waiting(self, world: World) -> list[tuple[str, str]]:
        with world.mesh.record.transaction() as tx:
            found = outbox.claim(tx, "openlineage", world.clock(), world.clock.later(minutes=1))
        bodies = [(message.key, message.event.body or []) for message in found]
        return [(key, body[0]["job"]["name"] if "job" in body[0] else "") for key, body in bodies]

    def test_without_a_receiver_nothing_is_queued(self, world: World) -> None:
        world.product(columns=IDS).publish("t", ROWS)
        with world.mesh.record.reading() as conn:
            assert outbox.list_waiting(conn) == ()

    @pytest.mark.parametrize(
        ("contracts", "reads", "messages"), [(True, True, 3), (True, False, 2), (False, True, 2), (False, False, 1)]
    )
    def test_what_is_told_is_queued_with_it(self, world: World, contracts: bool, reads: bool, messages: int) -> None:
        receiver = OpenLineage("http://127.0.0.1:9", contracts=contracts, reads=reads)
        world.mesh.settings = replace(world.mesh.settings, openlineage=receiver)
        world.product(columns=IDS).publish("t", ROWS)
        world.platform.consume("orders", "t")
        with world.mesh.record.reading() as conn:
            assert [waits.messages for waits in outbox.list_waiting(conn)] == [messages]

    def test_those_of_a_product_wait_for_each_other_and_readers_for_themselves(self, world: World) -> None:
        world.mesh.settings = replace(world.mesh.settings, openlineage=OpenLineage("http://127.0.0.1:9"))
        world.product(columns=IDS).publish("t", ROWS)
        world.platform.consume("orders", "t")
        assert self.waiting(world) == [("orders", ""), ("orders.t.consume", "orders.t.consume")]


@pytest.mark.parametrize("step", ["staged", "swapped"])
def test_a_publish_that_dies_tells_nothing(world: World, step: str) -> None:
    product = world.product(columns=IDS)
    product.register()

    def die(at: str, rows: int) -> None:
        if at == step:
            raise ZeroDivisionError

    watch: Callable[[str, int], None] = die
    with pytest.raises(ZeroDivisionError):
        product.publish("t", ROWS, watch=watch)
    assert kinds(world) == ["registered"]
