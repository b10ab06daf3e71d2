"""What a consumed frame says of the version that it reads."""

from __future__ import annotations

from data_platform.engine.origin import Origin
from tests.meshes import IDS, ROWS, World

PII = {**IDS, "email": {"type": "string"}}


def test_a_consumed_frame_has_the_published_version_its_statistics_and_its_lineage(world: World) -> None:
    world.product("orders", IDS).publish("t", ROWS)
    report = world.product("report", IDS)
    report.publish("t", report.consume("orders", "t"))
    report.publish("t", ROWS[:1])
    frame = world.platform.consume("report", "t", version=1)
    assert frame.version == 1
    assert frame.lineage == {Origin("product", "orders", "t", 1): frozenset(["id"])}
    assert frame.statistics == world.platform.versions("report", "t")[1].statistics
    newest = report.consume("report", "t")
    assert (newest.version, newest.lineage) == (2, {})


def test_after_a_transform_there_is_no_version(world: World) -> None:
    world.product("orders", IDS).publish("t", ROWS)
    frame = world.platform.consume("orders", "t")
    for computed in (
        frame.select("id"),
        frame.filter("id > 1"),
        frame.limit(1),
        frame.union(frame),
        frame.distinct(),
    ):
        assert (computed.version, computed.lineage, computed.statistics) == (None, None, None)
        assert computed.provenance


def test_columns_that_were_chosen_at_the_read_have_their_statistics_alone(world: World) -> None:
    world.product("orders", {**IDS, "note": {"type": "string"}}).publish("t", [{"id": 1, "note": "a"}])
    frame = world.platform.consume("orders", "t", columns=["note"])
    assert (frame.version, list(frame.statistics)) == (1, ["note"])


def test_statistics_tell_no_bounds_of_personal_data(world: World) -> None:
    world.product("people", PII, more="pii_columns: [email]").publish("t", [{"id": 1, "email": "ann@example.org"}])
    for mask in (True, False):
        assert "ann@example.org" not in str(world.platform.consume("people", "t", mask=mask).statistics)


def test_a_column_of_the_same_name_keeps_its_attribute(world: World) -> None:
    columns = {"version": {"type": "integer"}, "lineage": {"type": "string"}, "statistics": {"type": "string"}}
    world.product("software", columns).publish("t", [{"version": 7, "lineage": "a", "statistics": "b"}])
    frame = world.platform.consume("software", "t")
    row = frame.filter(frame.version > 6).select(frame.version, frame.lineage, frame.statistics).first()
    assert tuple(row or ()) == (7, "a", "b")
    assert [origin.version for origin in frame.provenance] == [1]


def test_a_column_that_became_personal_data_later_has_no_bounds_where_it_is_masked(world: World) -> None:
    world.product("people", PII).publish("t", [{"id": 1, "email": "ann@example.org"}])
    world.product("people", PII, more="version: 1.1.0\npii_columns: [email]").register()
    assert world.platform.consume("people", "t").statistics["email"]["max"] == "ann@example.org"
    assert world.platform.consume("people", "t", mask=True).statistics.get("email") is None
