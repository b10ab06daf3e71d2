"""What a consumer is shown of a product with masks and a row filter: the same in process and over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from data_platform import Platform
from data_platform import functions as F
from data_platform.engine.frame import from_table
from data_platform.errors import DataPlatformError
from data_platform.platform import InProcess
from data_platform.settings import Principal, Role, RoleGrant
from tests.http_transport import ServedWorld, serve_mesh
from tests.meshes import IDS, FilledMeshes, World

import pyarrow as pa  # isort: skip

COLUMNS = IDS | {
    "region": {"type": "string"},
    "email": {"type": "string"},
    "born": {"type": "string", "format": "date"},
    "amount": {"type": "integer"},
    "ssn": {"type": "string"},
}
ACCESS = """pii_columns: [email, born, ssn]
access:
  rows: region = principal.region
  masks: {email: hash, born: year, amount: {bucket: 100}}
"""
RULES = """quality_rules:
- {rule: large, sql: SELECT COUNT(*) FROM t WHERE amount > 150, threshold: 100}
- {rule: many, metric: rowCount, mustBeLessThan: 100}
"""
MASKED = "pii_columns: [email]\naccess:\n  masks: {email: hash, amount: {bucket: 100}}\n"
ROWS = [
    {"id": 1, "region": "EU", "email": "ann@x", "born": date(1980, 5, 6), "amount": 120, "ssn": "1-2"},
    {"id": 2, "region": "US", "email": "bob@x", "born": date(1990, 5, 6), "amount": 999, "ssn": "canary-4711"},
    {"id": 3, "region": "EU", "email": "bob@x", "born": None, "amount": -5, "ssn": "5-6"},
    {"id": 4, "region": None, "email": "eve@x", "born": None, "amount": 7, "ssn": "7-8"},
]


@pytest.fixture(params=["in process", "over HTTP"])
def consumer(tmp_path: Path, filled_meshes: FilledMeshes, request: pytest.FixtureRequest) -> Iterator[World]:
    """A consumer of the product, who is in the EU."""
    with filled_meshes.open_copy(fill, tmp_path) as (world, _):
        inner = world.transport
        if request.param == "in process" or isinstance(inner, ServedWorld):
            yield world
            return
        assert isinstance(inner, InProcess)
        with serve_mesh(world.mesh, lambda: inner.caller) as url:
            world.transport = transport = ServedWorld(world.mesh, url, inner)  # type: ignore[assignment]
            world.platform = Platform(transport)
            yield world
            transport.close()


def fill(world: World) -> None:
    """Publishes the products; the caller at the end is the consumer."""
    world.product("people", COLUMNS, output=RULES, more=ACCESS).publish("t", ROWS)
    columns = {name: COLUMNS[name] for name in ("id", "email", "amount")}
    orders = [{"id": 7, "email": "bob@x", "amount": 1}, {"id": 8, "email": "nobody", "amount": 200}]
    world.product("orders", columns, output=RULES, more=MASKED).publish("t", orders)
    eve = Principal("eve@x", verified=True, roles=frozenset([RoleGrant(Role.CONSUMER)]), attributes=(("region", "EU"),))
    world.act_as(eve)


def read(world: World, product: str = "people", **options: object) -> list[dict[str, object]]:
    return world.platform.consume(product, "t", **options).orderBy("id").to_arrow().to_pylist()


def ask(world: World, sql: str) -> list[dict[str, object]]:
    return world.platform.sql(sql).to_arrow().to_pylist()


@pytest.mark.long
def test_rows_are_filtered_and_values_masked(consumer: World) -> None:
    rows = read(consumer)
    assert [(row["id"], row["region"], row["born"], row["amount"], row["ssn"]) for row in rows] == [
        (1, "EU", date(1980, 1, 1), 100, "***"),
        (3, "EU", None, -100, "***"),
    ]
    assert len({row["email"] for row in rows}) == 2
    assert all(len(str(row["email"])) == 64 for row in rows)


def test_every_door_shows_the_same(consumer: World) -> None:
    rows = read(consumer)
    assert ask(consumer, "SELECT * FROM people.t ORDER BY id") == rows
    assert consumer.platform.consume("people", "t").to_batches(1).read_all().to_pylist() == rows
    assert consumer.platform.consume("people", "t").filter("id > 0").orderBy("id").to_arrow().to_pylist() == rows
    collected = consumer.platform.consume("people", "t").orderBy("id").collect()
    assert [tuple(row) for row in collected] == [tuple(row.values()) for row in rows]


def test_hashes_join_across_products_and_doors(consumer: World) -> None:
    joined = "SELECT p.id, o.id AS o FROM people.t p JOIN orders.t o ON p.email = o.email"
    assert ask(consumer, joined) == [{"id": 3, "o": 7}]
    people, orders = consumer.platform.consume("people", "t"), consumer.platform.consume("orders", "t")
    both = people.join(orders.withColumnRenamed("id", "o"), "email").select("id", "o")
    assert both.to_arrow().to_pylist() == [{"id": 3, "o": 7}]


def test_a_frame_that_mixes_a_view_with_own_rows_sees_it_masked(consumer: World) -> None:
    own = from_table(pa.table({"id": [1, 2, 3, 4], "mine": list("abcd")}))
    joined = consumer.platform.consume("people", "t").join(own, "id").orderBy("id")
    rows = joined.select("id", "mine", "ssn", "amount", F.length("email").alias("n")).to_arrow().to_pylist()
    assert rows == [
        {"id": 1, "mine": "a", "ssn": "***", "amount": 100, "n": 64},
        {"id": 3, "mine": "c", "ssn": "***", "amount": -100, "n": 64},
    ]


@pytest.mark.long
@pytest.mark.parametrize(
    "condition",
    ["ssn = 'canary-4711'", "amount = 999", "region = 'US'", "CAST(ssn AS INT) > 0", "born = DATE '1980-05-06'"],
)
def test_no_predicate_reaches_what_is_hidden(consumer: World, condition: str) -> None:
    frame = consumer.platform.consume("people", "t")
    assert count(lambda: frame.filter(condition).count()) == 0
    assert count(lambda: len(ask(consumer, f"SELECT 1 FROM people.t WHERE {condition}"))) == 0


def count(action) -> int:
    """The rows of an action; an error that names no value counts as none."""
    try:
        return action()
    except DataPlatformError as error:
        assert "canary" not in error.message
        return 0


def test_counts_and_statistics_tell_nothing_of_hidden_rows(consumer: World) -> None:
    frame = consumer.platform.consume("people", "t")
    assert (frame.count(), frame.statistics) == (2, {})
    assert ask(consumer, "SELECT count(*) AS n FROM people.t") == [{"n": 2}]
    info = consumer.platform.latest_version("people", "t")
    assert (info.rows, info.bytes, info.files, info.statistics) == (None, None, None, {})
    assert [output.rows for output in consumer.platform.show("people").outputs] == [None]
    assert [output.rows for output in consumer.platform.show("orders").outputs] == [2]
    orders = consumer.platform.latest_version("orders", "t")
    assert (orders.rows, orders.bytes, orders.files) == (2, None, None), "the size of a file follows from masked values"
    assert list(consumer.platform.latest_version("orders", "t").statistics) == ["id"]


def test_what_rules_measured_tells_nothing_of_hidden_rows(consumer: World) -> None:
    """A number over masked values is hidden, and the number of rows only where rows are."""

    def values(product: str) -> list[tuple[str, float | None]]:
        version = consumer.platform.latest_version(product, "t").quality
        assert version is not None
        rules = consumer.platform.quality_metrics(product).rules
        assert [(rule.rule, rule.passed, rule.value) for rule in rules] == [
            (rule.rule, rule.passed, rule.value) for rule in version.rules
        ]
        return [(rule.rule, rule.value) for rule in rules]

    assert values("people") == [("large", None), ("many", None)]
    assert values("orders") == [("large", None), ("many", 2)]


def test_events_of_lineage_measure_nothing(consumer: World) -> None:
    facets = str(consumer.platform.lineage_events("people"))
    assert "people" in facets
    assert not any(word in facets for word in ("rowCount", "fileCount", "'actual'", "outputStatistics"))


def test_whole_numbers_are_hashed_as_whole_numbers(world: World) -> None:
    product = world.product("keys", IDS, more="access:\n  masks: {id: hash}\n")
    product.publish("t", [{"id": 1}, {"id": 1}, {"id": 2}])
    hashes = world.platform.consume("keys", "t", mask=True).to_arrow()["id"].to_pylist()
    assert len(set(hashes)) == 2
    assert all(isinstance(one, int) and one > 2**32 for one in hashes)


def test_a_reader_may_ask_for_the_masks_of_others(consumer: World) -> None:
    hashed = {row["email"] for row in read(consumer)}
    owner = replace(consumer.context.principal, name="owner@example.org", local=True)
    consumer.act_as(owner)
    clear, masked = read(consumer), read(consumer, mask=True)
    assert [row["email"] for row in clear] == ["ann@x", "bob@x", "bob@x", "eve@x"]
    assert hashed < {row["email"] for row in masked}
    assert [row["amount"] for row in masked] == [100, 900, -100, 0]
    assert {row["ssn"] for row in masked} == {"***"}


def test_a_reader_without_the_attribute_sees_no_row(consumer: World) -> None:
    consumer.act_as(replace(consumer.context.principal, attributes=()))
    assert read(consumer) == []
    assert ask(consumer, "SELECT count(*) AS n FROM people.t") == [{"n": 0}]


LIMITED = """pii_columns: [email]
access:
  visibility: internal
  readers: [{roles: [consumer], columns: all, rows: region = principal.region}]
"""
EVERYTHING = LIMITED.replace(", rows: region = principal.region", "")


def publish_as_owner(world: World, name: str, access: str) -> None:
    """Publishes a product, and registers it again with one more column of personal data; the caller stays."""
    reader = world.transport.caller.principal
    world.act_as(replace(world.context.principal, name="owner@example.org", local=True))
    world.product(name, COLUMNS, output=RULES, more=access).publish("t", ROWS)
    world.product(name, COLUMNS, output=RULES, more=access.replace("[email]", "[email, ssn]")).register()
    world.act_as(reader)


def test_a_column_that_became_personal_later_is_masked_on_the_rows_that_a_line_does_not_open(consumer: World) -> None:
    """The line opens personal data of its region; visibility shows the other rows without any."""
    publish_as_owner(consumer, "later", LIMITED)
    values = [(row["id"], row["email"], row["ssn"]) for row in read(consumer, "later")]
    assert values == [(1, "ann@x", "1-2"), (2, "***", "***"), (3, "bob@x", "5-6"), (4, "***", "***")]
    distinct = ask(consumer, "SELECT DISTINCT ssn FROM later.t ORDER BY ssn")
    assert [row["ssn"] for row in distinct] == ["***", "1-2", "5-6"]
    publish_as_owner(consumer, "whole", EVERYTHING)
    assert [row["ssn"] for row in read(consumer, "whole")] == ["1-2", "canary-4711", "5-6", "7-8"]


def test_what_is_masked_on_some_rows_is_measured_for_nobody_and_may_be_masked_on_all(consumer: World) -> None:
    publish_as_owner(consumer, "partly", LIMITED + "  masks: {amount: {bucket: 100}}\n")
    frame = consumer.platform.consume("partly", "t")
    assert [row["amount"] for row in read(consumer, "partly")] == [120, 900, -5, 0]
    assert ask(consumer, "SELECT sum(amount) AS n FROM partly.t WHERE amount > 5") == [{"n": 1020}]
    assert frame.filter("amount > 5").agg({"amount": "sum"}).collect()[0][0] == 1020
    assert sorted(frame.statistics) == ["born", "id", "region"]
    info = consumer.platform.latest_version("partly", "t")
    assert (info.rows, sorted(info.statistics)) == (4, ["born", "id", "region"])
    rules = consumer.platform.quality_metrics("partly").rules
    assert [(rule.rule, rule.value) for rule in rules[:2]] == [("large", None), ("many", 4)]
    assert [row["amount"] for row in read(consumer, "partly", mask=True)] == [100, 900, -100, 0]
    own = from_table(pa.table({"id": [1, 2]}))
    mixed = frame.join(own, "id").orderBy("id").select("amount", "email").to_arrow().to_pylist()
    assert mixed == [{"amount": 120, "email": "ann@x"}, {"amount": 900, "email": "***"}]


def test_events_measure_rows_only_for_who_sees_them_all(consumer: World) -> None:
    restricted = LIMITED.replace("internal", "restricted")
    publish_as_owner(consumer, "part", restricted)
    publish_as_owner(consumer, "whole", EVERYTHING)
    assert [row["ssn"] for row in read(consumer, "part")] == ["1-2", "5-6"]
    assert "rowCount" not in str(consumer.platform.lineage_events("part"))
    assert "'actual'" not in str(consumer.platform.lineage_events("part"))
    assert "rowCount" in str(consumer.platform.lineage_events("whole"))


ERASABLE = """pii_columns: [email, phone, born, ssn, ssn_note]
access:
  masks: {email: hash, phone: partial, born: year}
  readers: [{principals: [eve@x], columns: [id, ssn, ssn_note]}]
"""
PARTLY = """pii_columns: [email, phone, ssn]
access:
  readers:
  - {principals: [eve@x], columns: all, rows: "email = 'ann@x' OR ssn = '1-2'"}
  - {principals: [eve@x], columns: [phone], rows: id < 9}
"""
FILTERED = """pii_columns: [email]
access: {rows: email IS NOT NULL, masks: {email: partial}}
"""


@pytest.fixture
def erased(consumer: World) -> World:
    """`staff.t`, whose masked columns are erased, and `guests.t`, of which `ssn` is, which the consumer sees in clear.

    `cards.t` has a row filter over a column that is erased.
    """
    eve = consumer.context.principal
    consumer.act_as(Principal("ana@x", local=True))
    text = {"type": "string"}
    columns = IDS | dict.fromkeys(("email", "phone", "ssn", "ssn_note"), text) | {"born": COLUMNS["born"]}
    row = {"id": 1, "email": "ann@x", "phone": "+41 44 668 18 00", "ssn": "1-2", "ssn_note": "ok", "born": "1980-05-06"}
    consumer.product("staff", columns, more=ERASABLE).publish("t", [row])
    consumer.product("guests", columns, more=ERASABLE).publish("t", [row])
    consumer.product("cards", IDS | {"email": text}, more=FILTERED).publish("t", [{"id": 1, "email": "ann@x"}])
    for name in ("staff.t.email", "staff.t.phone", "staff.t.born", "guests.t.ssn", "cards.t.email"):
        consumer.platform.erase_key(*name.split("."), confirm=name)
    consumer.act_as(eve)
    return consumer


def test_an_erased_column_is_shown_as_its_mask_of_no_value(erased: World) -> None:
    expected = [{"id": 1, "email": None, "phone": "***", "ssn": "1-2", "ssn_note": "ok", "born": None}]
    assert read(erased, "staff") == expected
    assert ask(erased, "SELECT * FROM staff.t") == expected
    assert read(erased, "staff", mask=True)[0]["phone"] == "***"


def test_a_read_without_the_erased_column_needs_no_key_of_it(erased: World) -> None:
    frame = erased.platform.consume("guests", "t").drop("ssn")
    assert frame.select("id", "ssn_note").to_arrow().to_pylist() == [{"id": 1, "ssn_note": "ok"}]
    assert len(frame.collect()) == 1
    assert ask(erased, "SELECT id, ssn_note FROM guests.t") == [{"id": 1, "ssn_note": "ok"}]
    with pytest.raises(DataPlatformError, match="erased since"):
        erased.platform.consume("guests", "t").collect()


def test_an_erased_column_is_clear_nowhere_and_opens_no_row(erased: World) -> None:
    eve = erased.context.principal
    erased.act_as(Principal("ana@x", local=True))
    columns = IDS | {name: {"type": "string"} for name in ("email", "phone", "ssn")}
    rows = [{"id": at, "email": "ann@x", "phone": "+41", "ssn": f"{at}-2"} for at in (1, 2)]
    erased.product("partly", columns, more=PARTLY).publish("t", rows)
    erased.act_as(eve)
    assert [row["ssn"] for row in read(erased, "partly")] == ["1-2", "2-2"]
    erased.act_as(Principal("ana@x", local=True))
    erased.platform.erase_key("partly", "t", "email", confirm="partly.t.email")
    erased.act_as(eve)
    expected = [
        {"id": 1, "email": "***", "phone": "+41", "ssn": "1-2"},
        {"id": 2, "email": "***", "phone": "+41", "ssn": "***"},
    ]
    assert read(erased, "partly") == expected
    assert ask(erased, "SELECT * FROM partly.t ORDER BY id") == expected


def test_a_row_filter_over_an_erased_column_shows_no_row(erased: World) -> None:
    assert read(erased, "cards") == []
    assert ask(erased, "SELECT count(*) AS n FROM cards.t") == [{"n": 0}]
