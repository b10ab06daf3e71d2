"""doctor --rebuild: a lost record is made anew of what the tables tell, and no version is lost."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from data_platform import DataProduct, Platform
from data_platform.errors import BadInput, NotFound, RecordFailed
from data_platform.settings import Home, Principal
from data_platform.settings.mesh_id import read_mesh_id
from data_platform.verbs.core.mesh import Mesh
from tests.crash import child
from tests.meshes import IDS, World

pytestmark = pytest.mark.long

COLUMNS = IDS | {
    "land": {"type": "string"},
    "email": {"type": "string", "tags": ["pii"]},
    "at": {"type": "string", "format": "date-time"},
    "deep": {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "number"}}}},
}


def rows(number: int) -> list[dict[str, object]]:
    shared = {"email": f"{number}@x", "at": "2026-01-02T03:04:05Z", "deep": {"a": [1.5]}}
    return [{"id": number, "land": land} | shared for land in ("DE", "TH", None)]


@pytest.fixture
def filled(world: World) -> World:
    """Two products, three versions each, and a record that is closed."""
    for name in ("orders", "stock"):
        product = world.product(name, COLUMNS, output="partition_by: [land]")
        for number in (1, 2, 3):
            product.publish("t", rows(number))
    world.mesh.record.close()
    return world


def content(platform: Platform) -> dict[tuple[str, int], list[object]]:
    found = {}
    for name in ("orders", "stock"):
        for info in platform.versions(name, "t"):
            table = platform.consume(name, "t", version=info.version).to_arrow()
            found[name, info.version] = sorted(table.to_pylist(), key=str)
    return found


def lose(world: World) -> None:
    for suffix in ("", "-wal", "-shm"):
        (world.home / f"record.db{suffix}").unlink(missing_ok=True)


@pytest.mark.parametrize("of_older_release", [False, True])
def test_a_rebuilt_record_knows_every_version(filled: World, of_older_release: bool) -> None:
    before, identity = content(filled.platform), read_mesh_id(filled.mesh.home)
    filled.mesh.record.close()
    if of_older_release:
        forget_facts(filled)
    lose(filled)
    with pytest.raises(RecordFailed, match="lost or empty"):
        Platform.open(filled.home)
    done = Platform.rebuild(filled.home)
    assert (done.products, done.outputs, done.versions, done.unreadable) == (2, 2, 6, ())
    assert done.lost
    assert read_mesh_id(filled.mesh.home) == identity
    with Platform.open(filled.home) as platform:
        assert content(platform) == before
        assert platform.verify_audit().ok
        assert {hit.name for hit in platform.search("")} == {"orders", "stock"}
        assert platform.collect().files == 0
        assert platform.examine().damaged == ()
        if of_older_release:
            platform.transfer("orders", "ana@x")
            become(platform, "ana@x").accept_transfer("orders")
        assert platform.show("orders").owner == "ana@x"
        assert platform.show("orders").last_good is None  # nobody knows what its rules said
        product = DataProduct(filled.root / "products" / "orders", platform)
        assert product.publish("t", rows(4)).version == 4
        assert len(content(platform)) == 7


def become(platform: Platform, name: str) -> Platform:
    transport: Any = platform._transport
    transport.caller = replace(transport.caller, principal=Principal(name, local=True))
    return platform


def forget_facts(world: World) -> None:
    """Leaves what a table of an older release tells."""
    for path in world.tables.rglob("*.metadata.json"):
        table = json.loads(path.read_text())
        names = [name for name in table["properties"] if name.startswith("data-platform.")]
        for name in names:
            del table["properties"][name]
        path.write_text(json.dumps(table))


def with_version(world: World, version: str) -> DataProduct:
    return world.product("early", IDS, more=f"version: {version}\n" if version else "")


@pytest.mark.parametrize("registers", [False, True])
@pytest.mark.parametrize("of_older_release", [False, True])
@pytest.mark.parametrize("version", ["0.1.0", "", "1.4.2", "3.0.0-rc.1"])
def test_the_same_product_yaml_continues_a_rebuilt_output(
    world: World, version: str, of_older_release: bool, registers: bool
) -> None:
    product = with_version(world, version)
    for number in (1, 2):
        product.publish("t", [{"id": number}])
    world.mesh.record.close()
    if of_older_release:
        forget_facts(world)
    lose(world)
    Platform.rebuild(world.home)
    with Platform.open(world.home) as platform:
        if of_older_release:
            platform.transfer("early", "ana@x")
            become(platform, "ana@x").accept_transfer("early")
        else:
            assert {info.contract_version for info in platform.versions("early", "t")} == {version or "1.0.0"}
        again = DataProduct(world.root / "products" / "early", platform)
        if registers:
            assert not [text for text in platform.register(again.file).warnings if "goes backwards" in text]
        assert again.publish("t", [{"id": 3}]).version == 3
        assert [output.name for output in platform.show("early").outputs] == ["t"]


@pytest.mark.parametrize("of_older_release", [False, True])
def test_majors_side_by_side_are_rebuilt(world: World, of_older_release: bool) -> None:
    with_version(world, "0.1.0").publish("t", [{"id": 1}])
    folder = world.root / "products" / "early"
    text = (folder / "product.yaml").read_text()
    second = "  - {name: t, version: 2.0.0, schema: t.json}\nversion: 0.1.0\n"
    (folder / "product.yaml").write_text(text.replace("version: 0.1.0\n", second))
    DataProduct(folder, world.platform).publish("t@2", [{"id": 2}])
    world.mesh.record.close()
    if of_older_release:
        forget_facts(world)
    lose(world)
    Platform.rebuild(world.home)
    with Platform.open(world.home) as platform:
        if of_older_release:
            platform.transfer("early", "ana@x")
            become(platform, "ana@x").accept_transfer("early")
        again = DataProduct(folder, platform)
        assert again.publish("t@0", [{"id": 3}]).version == 2
        assert again.publish("t@2", [{"id": 3}]).version == 2


def test_a_draft_whose_version_goes_backwards_is_warned_of(world: World) -> None:
    def draft(version: str) -> DataProduct:
        return world.product("early", IDS, more=f"status: draft\nversion: {version}\n")

    draft("1.2.0").publish("t", [{"id": 1}])
    (warning,) = world.platform.register(draft("1.1.0").file).warnings
    assert warning == "t goes backwards from version 1.2.0 to 1.1.0"
    (warning,) = world.platform.register(draft("0.1.0").file).warnings
    assert "it is another output, t@0, whose versions begin at 1" in warning
    assert world.platform.register(draft("0.1.0").file).warnings == ()


def test_what_a_dead_publish_left_is_no_version_when_a_later_one_stands(filled: World) -> None:
    before = content(filled.platform)
    filled.mesh.record.close()
    place = filled.folder("orders", "t")
    (good,) = place.metadata.glob("00002-*.metadata.json")
    lost = place.metadata / f"00002-{'a' * 40}.metadata.json"
    lost.write_bytes(good.read_bytes())
    os.utime(lost)
    lose(filled)
    assert Platform.rebuild(filled.home).versions == 6
    with Platform.open(filled.home) as platform:
        assert content(platform) == before


@pytest.mark.parametrize("kind", ["00003-*.metadata.json", "*.parquet"])
def test_what_cannot_be_read_is_named_and_stops_nothing(filled: World, kind: str) -> None:
    path = sorted(filled.folder("orders", "t").location.rglob(kind))[0]
    path.write_bytes(b"")
    lose(filled)
    done = Platform.rebuild(filled.home)
    assert done.versions == 5
    assert len(done.unreadable) == 1
    with Platform.open(filled.home) as platform:
        assert len(content(platform)) == 5


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("harm", ["emptied", "removed"])
def test_gc_keeps_the_files_of_versions_that_were_not_restored(filled: World, number: int, harm: str) -> None:
    place = filled.folder("orders", "t")
    (path,) = place.metadata.glob(f"{number:05}-*.metadata.json")
    path.write_bytes(b"") if harm == "emptied" else path.unlink()
    before = filled.files()
    lose(filled)
    done = Platform.rebuild(filled.home)
    assert done.versions == 5
    no_trace = harm == "removed" and number == 3
    assert done.gaps == ({} if no_trace else {"orders.t": (number,)})
    with Platform.open(filled.home) as platform:
        collected = platform.collect()
        assert (collected.files, collected.kept) == (0, done.unexplained)
        assert done.unexplained >= 3
        assert filled.files() == before
        product = DataProduct(filled.root / "products" / "orders", platform)
        product.publish("t", rows(4))
        assert platform.collect().files == 0
        assert before <= filled.files()


def test_gc_removes_after_a_rebuild_what_later_publishes_leave(filled: World) -> None:
    lose(filled)
    assert Platform.rebuild(filled.home).unexplained == 0
    with Platform.open(filled.home) as platform:
        place = filled.folder("orders", "t")
        (place.data / f"{'a' * 32}-0-0.parquet").write_bytes(b"left behind")
        assert (platform.collect().files, platform.collect().kept) == (1, 0)


def test_an_output_without_a_readable_version_is_named_and_its_files_stay(filled: World) -> None:
    for path in filled.folder("orders", "t").metadata.glob("*.metadata.json"):
        path.write_bytes(b"")
    before = filled.files()
    lose(filled)
    done = Platform.rebuild(filled.home)
    assert (done.products, done.gaps) == (1, {"orders.t": (1, 2, 3)})
    assert len(done.unreadable) == 3
    with Platform.open(filled.home) as platform:
        assert platform.collect().files == 0
        assert filled.files() == before


def test_a_version_in_a_gap_is_refused_with_the_versions_that_exist(filled: World) -> None:
    (path,) = filled.folder("orders", "t").metadata.glob("00001-*.metadata.json")
    path.write_bytes(b"")
    lose(filled)
    Platform.rebuild(filled.home)
    with Platform.open(filled.home) as platform, pytest.raises(NotFound, match="no version 1") as caught:
        platform.consume("orders", "t", version=1)
    assert caught.value.hint == "versions are 2, 3"


def test_a_record_that_stands_is_never_replaced(filled: World) -> None:
    before = (filled.home / "record.db").read_bytes()
    with pytest.raises(BadInput, match="knows products"):
        Platform.rebuild(filled.home)
    assert (filled.home / "record.db").read_bytes() == before


@pytest.mark.parametrize("text", [b"", b"x" * 5000])
def test_a_record_that_is_damaged_is_kept_beside_the_new_one(filled: World, text: bytes) -> None:
    lose(filled)
    (filled.home / "record.db").write_bytes(text)
    assert Platform.rebuild(filled.home).versions == 6
    (aside,) = filled.home.glob("record.db.lost-*")
    assert aside.read_bytes() == text


def test_there_is_nothing_to_rebuild_from_without_tables(world: World) -> None:
    with pytest.raises(BadInput, match="nothing to rebuild from"):
        Platform.rebuild(world.home)


def test_a_killed_rebuild_leaves_no_record_and_the_next_one_makes_it(filled: World) -> None:
    lose(filled)
    for moment in range(1, 8):
        process = child.start(child.rebuilds, filled.home, moment)
        process.join(60)
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL
        if (filled.home / "record.db").exists():
            break
        with pytest.raises(RecordFailed, match="lost or empty"):
            Mesh.open(Home(filled.home))
    if not (filled.home / "record.db").exists():
        Platform.rebuild(filled.home)
    with Platform.open(filled.home) as platform:
        assert len(content(platform)) == 6
    assert not Path(filled.home / "record.db-journal").exists()


def test_a_backup_has_the_files_that_were_not_restored_and_restore_brings_them_back(
    filled: World, tmp_path: Path
) -> None:
    (path,) = filled.folder("orders", "t").metadata.glob("00002-*.metadata.json")
    path.write_bytes(b"")
    before = filled.files()
    lose(filled)
    done = Platform.rebuild(filled.home)
    assert done.unexplained >= 3
    with Platform.open(filled.home) as platform:
        assert platform.backup(tmp_path / "backup").missing == ()
    Platform.restore(tmp_path / "backup", tmp_path / "again")
    tables = tmp_path / "again" / "tables"
    restored = {str(path.relative_to(tables)) for path in tables.rglob("*") if path.is_file()}
    assert {str(Path(name).relative_to(filled.home / "tables")) for name in before} <= restored
    with Platform.open(tmp_path / "again") as platform:
        assert platform.collect().files == 0
