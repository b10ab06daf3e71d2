"""keys rotate --column: the newest version is encrypted with a new key, and nothing else about it changes."""

from __future__ import annotations

import signal
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from data_platform import FrameError
from data_platform.errors import BadInput, NotFound, StorageFailed
from data_platform.keys.states import KeyState
from data_platform.record.catalog import versions
from data_platform.record.lineage import column_lineage, lineage
from data_platform.verbs.operations import rotate_column_key
from data_platform.verbs.operations.rotate_column_key import LEASE
from tests.crash import child
from tests.meshes import NOON, World

pytestmark = pytest.mark.long

PEOPLE = {
    "id": {"type": "integer"},
    "email": {"type": "string", "tags": ["pii"]},
    "phone": {"type": "string", "tags": ["pii"]},
}
ROWS = [{"id": number, "email": f"{number}@x", "phone": None if number % 2 else str(number)} for number in range(6)]


@pytest.fixture
def filled(world: World) -> World:
    """An output with two versions, the second of them made from another product."""
    world.product("people", columns=PEOPLE).publish("t", ROWS)
    product = world.product(columns=PEOPLE, output="partition_by: [id]")
    product.publish("t", ROWS[:3])
    product.publish("t", world.platform.consume("people", "t"))
    return world


def fetch(world: World) -> dict[str, bytes]:
    return world.mesh.keyring.fetch(["orders/t/email"])


def read(world: World, version: int | None = None) -> list[dict[str, object]]:
    rows = world.platform.consume("orders", "t", version=version).to_arrow().to_pylist()
    return sorted(rows, key=lambda row: int(str(row["id"])))


def test_the_newest_version_is_rewritten_and_earlier_ones_stay_readable(filled: World) -> None:
    key, files = fetch(filled)["orders/t/email"], {path: path.read_bytes() for path in filled.files()}
    filled.clock.later(hours=5)
    steps: list[str] = []
    done = filled.platform.rotate_column_key("orders", "t", "email", lambda step, rows: steps.append(step))
    assert (done.product, done.output, done.column, done.version, done.rows) == ("orders", "t", "email", 3, 6)
    keys = fetch(filled)
    assert keys["orders/t/email/1"] == key != keys["orders/t/email"]
    assert [read(filled, version) for version in (1, 2, 3, None)] == [ROWS[:3], ROWS, ROWS, ROWS]
    assert {path: path.read_bytes() for path in files} == files
    assert steps[-3:] == ["staged", "prepared", "promoted"]
    email, phone = (filled.platform.list_keys("orders", "t", name)[0] for name in ("email", "phone"))
    assert (email.earlier, email.versions, email.made_at) == (1, 3, filled.clock.now)
    assert (phone.earlier, phone.made_at) == (0, NOON)


def test_the_earlier_key_does_not_open_the_new_version(filled: World) -> None:
    path = filled.mesh.keyring._build_path("orders/t/email")  # type: ignore[attr-defined]
    former = path.read_bytes()
    filled.platform.rotate_column_key("orders", "t", "email")
    path.write_bytes(former)
    assert read(filled, 2) == ROWS
    with pytest.raises(FrameError, match="no key to read the encrypted email"):
        read(filled, 3)


def test_all_that_is_said_of_the_version_stays(filled: World) -> None:
    filled.clock.later(hours=5)
    with filled.mesh.record.reading() as conn:
        before = versions.find_latest(conn, "orders", "t")
        edges = lineage.list_by_version(conn, "orders", "t", 2)
        uses = column_lineage.list_by_version(conn, "orders", "t", 2)
    quality = filled.platform.quality_metrics("orders", "t")
    filled.platform.rotate_column_key("orders", "t", "email")
    with filled.mesh.record.reading() as conn:
        after = versions.find_latest(conn, "orders", "t")
        assert lineage.list_by_version(conn, "orders", "t", 3) == tuple(replace(edge, version=3) for edge in edges)
        assert column_lineage.list_by_version(conn, "orders", "t", 3) == tuple(replace(use, version=3) for use in uses)
    assert before is not None
    assert after is not None
    assert edges
    assert (after.version, after.published_at, after.statistics) == (3, before.published_at, before.statistics)
    assert filled.platform.quality_metrics("orders", "t").current_score == quality.current_score
    assert filled.platform.examine().unreadable == ()
    entries = [entry for entry in filled.platform.audit_log("orders") if entry.act == "key"]
    assert entries[0].details == {"did": "rotate a column's key", "column": "email", "version": 3}
    assert filled.platform.verify_audit().ok
    assert filled.product(columns=PEOPLE, output="partition_by: [id]").publish("t", ROWS).version == 4


def test_rotations_of_column_and_master_key_follow_each_other(filled: World) -> None:
    for _ in range(2):
        filled.platform.rotate_column_key("orders", "t", "email")
        filled.platform.rotate_keys()
    assert [read(filled, version) for version in (2, 3, 4)] == [ROWS] * 3
    assert set(fetch(filled)) == {"orders/t/email", "orders/t/email/1", "orders/t/email/2"}


def test_an_erasure_erases_all_keys_of_the_column(filled: World) -> None:
    filled.platform.rotate_column_key("orders", "t", "email")
    filled.platform.erase_key("orders", "t", "email", confirm="orders.t.email")
    for version in (1, 2, 3):
        with pytest.raises(FrameError, match="the data is erased since"):
            read(filled, version)
    with pytest.raises(NotFound):
        fetch(filled)


def test_a_publish_that_runs_meanwhile_with_the_earlier_key_is_refused(filled: World) -> None:
    product = filled.product(columns=PEOPLE, output="partition_by: [id]")

    def rotate_once(step: str, _: int) -> None:
        if step == "staged":
            filled.mesh.keyring.renew("orders/t/email", filled.clock.now)

    with pytest.raises(StorageFailed, match="a key of its encrypted columns was renewed while the publish ran"):
        product.publish("t", ROWS, watch=rotate_once)
    assert product.publish("t", ROWS[:1]).version == 3
    assert read(filled) == ROWS[:1]


def test_a_version_that_is_published_meanwhile_is_the_one_that_is_rewritten(
    filled: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    product, published = filled.product(columns=PEOPLE, output="partition_by: [id]"), []
    prepare = rotate_column_key._prepare

    def publish_first(*arguments: object) -> object:
        if not published:
            published.append(product.publish("t", ROWS[:2]).version)
        return prepare(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(rotate_column_key, "_prepare", publish_first)
    assert filled.platform.rotate_column_key("orders", "t", "email").version == 4
    assert read(filled) == read(filled, 3) == ROWS[:2]
    assert set(fetch(filled)) == {"orders/t/email", "orders/t/email/1"}
    filled.clock.later(hours=24)
    assert filled.platform.collect().files == 0


def test_what_has_no_key_or_is_erased_is_not_rotated(filled: World) -> None:
    with pytest.raises(NotFound, match="has no key"):
        filled.platform.rotate_column_key("orders", "t", "id")
    filled.platform.erase_key("orders", "t", "phone", confirm="orders.t.phone")
    for column in ("email", "phone"):
        with pytest.raises(BadInput, match=r"orders\.t\.phone is erased: the rows are not rewritten"):
            filled.platform.rotate_column_key("orders", "t", column)
    assert set(fetch(filled)) == {"orders/t/email"}
    assert [key.state for key in filled.platform.list_keys("orders", "t", "email")] == [KeyState.PRESENT]


def test_a_damaged_file_is_not_rewritten(filled: World) -> None:
    path = max(filled.folder().data.glob("*.parquet"), key=lambda path: path.stat().st_mtime_ns)
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises((FrameError, StorageFailed)):
        filled.platform.rotate_column_key("orders", "t", "email")
    assert filled.platform.versions("orders", "t")[0].version == 2


@pytest.mark.parametrize("writes", ["files", "record"])
def test_killed_anywhere_it_leaves_the_old_or_the_new(filled: World, writes: str) -> None:
    filled.clock.now = datetime.now(UTC)
    moment, newest = 1, 2
    while True:
        process = child.start(child.rotates_column, filled.home, filled.clock.now, writes, moment)
        process.join(120)
        numbers = [version.version for version in filled.platform.versions("orders", "t")]
        assert numbers[0] in (newest, newest + 1)
        newest = numbers[0]
        assert all(read(filled, version) == (ROWS[:3] if version == 1 else ROWS) for version in numbers)
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL
        moment += 1
    assert moment > 5
    assert filled.platform.verify_audit().ok
    filled.clock.now = datetime.now(UTC) + LEASE * 2 + timedelta(hours=24)
    filled.platform.collect()
    assert read(filled) == ROWS
