"""consume: which version is read, and what is recorded of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from data_platform import Platform
from data_platform.errors import BadInput, DataPlatformError, FrameError, NotFound, StorageFailed
from data_platform.record.operations import usage
from data_platform.tables.iceberg.read import read_live_entries
from tests.meshes import IDS, NOON, ROWS, World

PEOPLE = IDS | {"email": {"type": "string"}}
PII = "pii_columns: [email]"


@pytest.fixture
def three(world: World) -> World:
    """Three versions, an hour apart from noon on; version N holds N."""
    product = world.product(columns=IDS)
    for number in (1, 2, 3):
        product.publish("t", [{"id": number}])
        world.clock.later(hours=1)
    return world


def ids(world: World, **words: object) -> list[int]:
    return [row["id"] for row in world.platform.consume("orders", "t", **words).collect()]


def test_the_newest_a_pinned_one_or_that_of_a_moment(three: World) -> None:
    assert ids(three) == [3]
    assert ids(three, version=2) == [2]
    assert ids(three, as_of=NOON) == [1]
    assert ids(three, as_of=NOON + timedelta(minutes=119)) == [2]
    assert ids(three, as_of=(NOON + timedelta(hours=2)).replace(tzinfo=None)) == [3]


def test_a_frame_keeps_its_version_while_new_ones_come(three: World) -> None:
    frame = three.platform.consume("orders", "t")
    three.product(columns=IDS).publish("t", [{"id": 4}])
    assert [row["id"] for row in frame.collect()] == [3]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"version": 4}, "has no version 4"),
        ({"version": 0}, "has no version 0"),
        ({"as_of": NOON - timedelta(seconds=1)}, "had no version at"),
    ],
)
def test_a_version_that_never_was(three: World, words: dict[str, object], message: str) -> None:
    with pytest.raises(NotFound, match=message):
        three.platform.consume("orders", "t", **words)


def test_what_is_not_there_is_told_with_the_nearest_name(three: World) -> None:
    three.product("customers", IDS).register()
    for product, output, message in (
        ("order", "t", "did you mean orders"),
        ("orders", "tt", "no output tt"),
        ("customers", "t", "no version yet"),
    ):
        with pytest.raises(NotFound) as caught:
            three.platform.consume(product, output)
        assert message in str(caught.value)
    with pytest.raises(BadInput, match="exclude each other"):
        three.platform.consume("orders", "t", version=1, as_of=NOON)


def test_columns_are_chosen_and_unknown_ones_refused(world: World) -> None:
    world.product(columns=PEOPLE).publish("t", [{"id": 1, "email": "x"}])
    assert world.platform.consume("orders", "t", columns=["email"]).columns == ["email"]
    with pytest.raises(DataPlatformError, match="phone"):
        world.platform.consume("orders", "t", columns=["phone"])


def test_the_owner_reads_personal_data_and_mask_shows_what_others_will_see(world: World) -> None:
    world.product(columns=PEOPLE, more=PII).publish("t", [{"id": 1, "email": "ana@x"}, {"id": 2, "email": None}])
    assert world.platform.consume("orders", "t").to_arrow()["email"].to_pylist() == ["ana@x", None]
    masked = world.platform.consume("orders", "t", mask=True)
    assert masked.to_arrow()["id"].to_pylist() == [1, 2]
    assert "ana@x" not in str(masked.to_arrow().to_pylist())


def test_masked_data_needs_no_key_and_missing_keys_are_named(world: World) -> None:
    world.product(columns=PEOPLE, more=PII).publish("t", [{"id": 1, "email": "ana@x"}])
    for key in (world.home / "keys").iterdir():
        key.unlink()
    assert world.platform.consume("orders", "t", mask=True).to_arrow()["id"].to_pylist() == [1]
    with pytest.raises(FrameError, match="no key to read the encrypted email: the keys are missing"):
        world.platform.consume("orders", "t").collect()


def test_a_key_made_anew_after_erasure_does_not_open_old_versions(world: World) -> None:
    product = world.product(columns=PEOPLE, more=PII)
    product.publish("t", [{"id": 1, "email": "ana@x"}])
    world.platform.erase_key("orders", "t", "email", confirm="orders.t.email")
    product.publish("t", [{"id": 2, "email": "bo@x"}])
    assert world.platform.consume("orders", "t").to_arrow()["email"].to_pylist() == ["bo@x"]
    with pytest.raises(DataPlatformError, match="the data is erased"):
        world.platform.consume("orders", "t", version=1).collect()


def test_a_consume_is_recorded_with_what_it_really_reads(world: World) -> None:
    world.product(columns=PEOPLE).publish("t", [{"id": 1, "email": "x"}])
    world.clock.later(minutes=5)
    frame = world.platform.consume("orders", "t", purpose="a report")
    assert reads(world) == [((), 1)]
    frame.select("id").collect()
    frame.count()
    assert reads(world) == [(("id",), 1)]
    frame.filter(frame["email"] == "x").select("id").collect()
    assert reads(world) == [(("id", "email"), 1)]
    with world.mesh.record.reading() as conn:
        (read,) = usage.list_reads(conn, "orders")
    assert (read.principal, read.verified, read.at, read.purpose) == (
        world.platform.principal.name,
        False,
        world.clock.now,
        "a report",
    )


def reads(world: World) -> list[tuple[tuple[str, ...], int]]:
    with world.mesh.record.reading() as conn:
        return [(read.columns, read.version) for read in usage.list_reads(conn, "orders")]


def test_a_home_may_be_moved(world: World) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    world.mesh.record.close()
    moved = world.home.rename(world.root / "elsewhere")
    with Platform.open(moved) as platform:
        assert sorted(row["id"] for row in platform.consume("orders", "t").collect()) == [1, 2, 3]


@pytest.mark.parametrize("moment", ["2026-11-23T12:00:00Z", "2026-11-24", date(2026, 11, 24)])
def test_a_moment_may_be_text_or_a_date(world: World, moment: str | date) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    assert world.platform.consume("orders", "t", as_of=moment).count() == len(ROWS)


@pytest.mark.parametrize(
    ("moment", "message"), [("yesterday", "is no moment"), (5, "must be a moment or a date or text")]
)
def test_what_is_no_moment_is_told(world: World, moment: object, message: str) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    with pytest.raises(BadInput, match=message):
        world.platform.consume("orders", "t", as_of=moment)  # type: ignore[arg-type]


def errors(world: World) -> list[str | None]:
    with world.mesh.record.reading() as conn:
        return [read.error for read in usage.list_reads(conn, "orders")]


def test_a_read_that_the_storage_fails_is_recorded_as_such(world: World) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    fine, broken = world.platform.consume("orders", "t"), world.platform.consume("orders", "t")
    fine.collect()
    for path in world.tables.rglob("*.parquet"):
        path.unlink()
    for read in (broken.collect, broken.count, lambda: list(broken.to_batches())):
        with pytest.raises(StorageFailed, match="cannot be read"):
            read()
    failed, worked = errors(world)
    assert worked is None
    assert failed is not None
    assert "cannot be read" in failed


def test_a_version_whose_metadata_is_gone_was_not_available(world: World) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    read_live_entries.cache_clear()
    for path in world.tables.rglob("*.avro"):
        path.unlink()
    with pytest.raises(StorageFailed):
        world.platform.consume("orders", "t")
    (failed,) = errors(world)
    assert failed is not None


def test_only_the_output_that_fails_is_blamed(world: World) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    world.product("customers", IDS).publish("t", ROWS)
    joined = world.platform.consume("orders", "t").join(world.platform.consume("customers", "t"), "id")
    (gone,) = [path for path in world.tables.rglob("*.parquet") if "customers" in path.parts]
    gone.unlink()
    with pytest.raises(StorageFailed):
        joined.collect()
    with world.mesh.record.reading() as conn:
        blamed = {name: usage.list_reads(conn, name)[0].error is not None for name in ("orders", "customers")}
    assert blamed == {"orders": False, "customers": True}


def test_a_reader_s_own_mistake_is_no_failure_of_the_output(world: World) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    with pytest.raises(DataPlatformError):
        world.platform.consume("orders", "t").selectExpr("id / 'x' AS y").collect()
    assert errors(world) == [None]
