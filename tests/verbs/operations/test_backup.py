"""backup and restore: the mesh as it stood at one moment, whole or not there."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from data_platform import DataProduct, Platform
from data_platform.errors import BadInput, DataPlatformError, FrameError, StorageFailed
from data_platform.tables import archive
from tests.crash import child
from tests.meshes import IDS, World

pytestmark = pytest.mark.long

PII = IDS | {"email": {"type": "string", "tags": ["pii"]}}


def rows(number: int) -> list[dict[str, object]]:
    return [{"id": number, "email": f"{number}@x"}] * 3


@pytest.fixture
def filled(world: World) -> World:
    """A mesh with two versions, a setting, and files of a publish that died."""
    product = world.product(columns=PII)
    for number in (1, 2):
        product.publish("t", rows(number))
    world.mesh.home.settings_file.write_text("[limits]\nrule_seconds = 20\n")
    (world.folder("orders", "t").data / f"{'a' * 32}-0-0.parquet").write_bytes(b"left behind")
    return world


def restored(folder: Path, place: Path) -> Platform:
    Platform.restore(folder, place)
    return Platform.open(place)


def is_whole(platform: Platform) -> list[int]:
    """That every version reads as it was published."""
    numbers = [info.version for info in platform.versions("orders", "t")]
    for number in numbers:
        table = platform.consume("orders", "t", version=number).to_arrow()
        assert set(table["id"].to_pylist()) == {number}
        assert table["email"].to_pylist() == [f"{number}@x"] * 3
    assert platform.verify_audit().ok
    return numbers


def test_a_restored_mesh_is_the_one_that_was_backed_up(filled: World, tmp_path: Path) -> None:
    done = filled.platform.backup(tmp_path / "backup", keys=True)
    assert (done.versions, done.missing, done.keys) == (2, (), True)
    with restored(tmp_path / "backup", tmp_path / "again") as platform:
        assert is_whole(platform) == [2, 1]
        assert platform.settings.limits.rule_seconds == 20
        assert platform.search("orders")[0].name == "orders"
        product = DataProduct(filled.root / "products" / "orders", platform)
        assert product.publish("t", rows(3)).version == 3
    assert not list((tmp_path / "again" / "tables").rglob(f"{'a' * 32}*"))
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "again").rglob("*")}
    for path in ((tmp_path / "backup" / "keys"), (tmp_path / "again" / "keys")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
        assert {stat.S_IMODE(key.stat().st_mode) for key in path.iterdir()} == {0o600}
    assert modes[tmp_path / "again" / "record.db"] == 0o600
    assert stat.S_IMODE((tmp_path / "again").stat().st_mode) == 0o700


@pytest.fixture
def keyless(filled: World, tmp_path: Path) -> Iterator[Platform]:
    """A mesh that was restored from a backup without keys."""
    assert not filled.platform.backup(tmp_path / "backup", keys=False).keys
    with restored(tmp_path / "backup", tmp_path / "again") as platform:
        yield platform


REASON = "the keys were not in the backup that this home was made from"


def test_a_backup_without_keys_has_no_readable_personal_data(keyless: Platform, tmp_path: Path) -> None:
    assert not (tmp_path / "backup" / "keys").exists()
    assert keyless.consume("orders", "t").select("id").count() == 3
    with pytest.raises(FrameError) as caught:
        keyless.consume("orders", "t").to_arrow()
    assert caught.value.message == f"orders.t#2: no key to read the encrypted email: {REASON}"
    remedy = f"copy the files keys/*.key of the home that was backed up to {tmp_path / 'again' / 'keys'}, with mode 600"
    assert str(caught.value.hint).startswith(remedy)
    with pytest.raises(DataPlatformError) as caught_sql:
        keyless.sql("SELECT email FROM orders.t").collect()
    assert f"orders.t: the encrypted email cannot be read: {REASON}; {remedy}" in str(caught_sql.value)
    (unreadable,) = keyless.examine().unreadable
    assert (unreadable.product, unreadable.output, unreadable.columns) == ("orders", "t", ("email",))
    assert (unreadable.reason, unreadable.remedy) == (REASON, remedy)


def test_a_restored_mesh_is_readable_when_its_keys_are_put_back(
    filled: World, keyless: Platform, tmp_path: Path
) -> None:
    for key in (filled.home / "keys").glob("*.key"):
        shutil.copy2(key, tmp_path / "again" / "keys")
    assert is_whole(keyless) == [2, 1]
    assert keyless.examine().unreadable == ()
    keyless.erase_key("orders", "t", "email", confirm="orders.t.email")
    with pytest.raises(FrameError, match=r"orders\.t#2: no key to read the encrypted email: the data is erased since"):
        keyless.consume("orders", "t").to_arrow()
    (unreadable,) = keyless.examine().unreadable
    assert (unreadable.columns, unreadable.remedy) == (("email",), None)
    assert unreadable.reason.startswith("the data is erased since 20")


def test_data_that_was_erased_stays_so_in_a_home_that_is_restored(filled: World, tmp_path: Path) -> None:
    filled.platform.erase_key("orders", "t", "email", confirm="orders.t.email")
    for keys in (True, False):
        filled.platform.backup(tmp_path / f"backup{keys}", keys=keys)
        with restored(tmp_path / f"backup{keys}", tmp_path / f"again{keys}") as platform:
            with pytest.raises(FrameError, match="the data is erased since 2026-11-23 12:00"):
                platform.consume("orders", "t").to_arrow()
            assert [key.state for key in platform.list_keys() if key.column] == ["erased"]


def test_a_backup_of_a_mesh_without_its_keys_remembers_why(keyless: Platform, tmp_path: Path) -> None:
    keyless.backup(tmp_path / "second", keys=True)
    with restored(tmp_path / "second", tmp_path / "third") as platform:
        assert [columns.reason for columns in platform.examine().unreadable] == [REASON]


def test_keys_that_were_lost_are_not_called_erased(filled: World) -> None:
    keys = filled.home / "keys"
    for key in keys.glob("*.key"):
        key.unlink()
    with pytest.raises(FrameError, match=rf"orders\.t#2: .*email: the keys are missing from {re.escape(str(keys))}"):
        filled.platform.consume("orders", "t").to_arrow()
    assert [columns.reason for columns in filled.platform.examine().unreadable] == [f"the keys are missing from {keys}"]
    (keys / "LOST").touch()
    with pytest.raises(FrameError, match=r"the keys are lost, as .*LOST records"):
        filled.platform.consume("orders", "t").to_arrow()


def test_a_backup_is_consistent_while_others_publish_and_read(filled: World, tmp_path: Path) -> None:
    stop = threading.Event()
    failures: list[BaseException] = []
    folder = filled.root / "products" / "orders"

    def busy(work: Callable[[Platform, int], object]) -> None:
        try:
            with Platform.open(filled.home) as platform:
                number = 2
                while not stop.is_set():
                    number += 1
                    work(platform, number)
        except BaseException as error:  # noqa: BLE001  the test looks at it
            failures.append(error)

    def publishes(platform: Platform, number: int) -> None:
        DataProduct(folder, platform).publish("t", rows(number))

    def reads(platform: Platform, _: int) -> None:
        platform.consume("orders", "t").to_arrow()

    threads = [threading.Thread(target=busy, args=(work,)) for work in (publishes, reads)]
    for thread in threads:
        thread.start()
    try:
        seen = []
        for number in range(3):
            filled.platform.backup(tmp_path / f"backup{number}", keys=True)
            with Platform.open(filled.home) as collector:  # leases are those of the real clock, as for the publishes
                collector.collect()
            with restored(tmp_path / f"backup{number}", tmp_path / f"again{number}") as platform:
                seen.append(len(is_whole(platform)))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not failures
    assert seen == sorted(seen)


def test_a_folder_that_stands_is_never_written_to(filled: World, tmp_path: Path) -> None:
    (tmp_path / "backup").mkdir()
    (tmp_path / "backup" / "mine").write_text("x")
    with pytest.raises(BadInput, match="already exists"):
        filled.platform.backup(tmp_path / "backup", keys=True)
    with pytest.raises(BadInput, match="lies in the home"):
        filled.platform.backup(filled.home / "backup", keys=True)
    assert [path.name for path in (tmp_path / "backup").iterdir()] == ["mine"]
    filled.platform.backup(tmp_path / "good", keys=True)
    with pytest.raises(BadInput, match="already exists"):
        Platform.restore(tmp_path / "good", filled.home)


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def removed(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("harm", [flipped, cut, removed])
@pytest.mark.parametrize("kind", ["record.db", "backup.json", "*.parquet", "*.avro", "*.metadata.json", "*.key"])
def test_a_damaged_backup_is_refused_and_leaves_no_home(
    filled: World, tmp_path: Path, kind: str, harm: Callable[[Path], None]
) -> None:
    filled.platform.backup(tmp_path / "backup", keys=True)
    harm(next((tmp_path / "backup").rglob(kind)))
    if (kind, harm) == ("backup.json", flipped):
        (tmp_path / "backup" / kind).write_text("{")
    with pytest.raises((BadInput, StorageFailed), match=r"backup") as caught:
        Platform.restore(tmp_path / "backup", tmp_path / "again")
    assert str(tmp_path / "backup") in caught.value.message
    assert not (tmp_path / "again").exists()
    assert not list(tmp_path.glob(".*partial"))


@pytest.mark.parametrize("name", ["../escape", "/etc/passwd", "a/../../b", "", ".", "a//b"])
def test_a_backup_cannot_write_outside_of_the_home(filled: World, tmp_path: Path, name: str) -> None:
    filled.platform.backup(tmp_path / "backup", keys=True)
    path = tmp_path / "backup" / archive.LIST
    content = json.loads(path.read_text())
    content["files"][name] = {"bytes": 1, "sha256": "0" * 64}
    path.write_text(json.dumps(content))
    with pytest.raises(BadInput, match="no file of a backup"):
        Platform.restore(tmp_path / "backup", tmp_path / "again")


def test_what_is_missing_from_the_home_is_listed(filled: World, tmp_path: Path) -> None:
    with filled.mesh.record.reading() as conn:
        (stage,) = conn.exec_driver_sql("SELECT stage_id FROM versions WHERE version = 1").one()
    for path in filled.folder("orders", "t").data.glob(f"{stage}-*"):
        path.unlink()
    (missing,) = filled.platform.backup(tmp_path / "backup", keys=True).missing
    assert missing.endswith(f"{stage}-*.parquet (1 of 1)")


def test_no_folder_that_is_no_backup_becomes_a_home(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    with pytest.raises(BadInput, match=f"no backup, or not a whole one: it has no {archive.LIST}"):
        Platform.restore(tmp_path / "x", tmp_path / "again")


def test_a_killed_backup_leaves_nothing_that_looks_whole(filled: World, tmp_path: Path) -> None:
    filled.mesh.record.close()
    for moment in range(1, 40):
        process = child.start(child.backs_up, filled.home, tmp_path / "backup", moment)
        process.join(60)
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL
        if (tmp_path / "backup").exists():
            Platform.restore(tmp_path / "backup", tmp_path / f"again{moment}")
            shutil.rmtree(tmp_path / "backup")
        for draft in tmp_path.glob(".backup.*.partial"):
            if not (draft / archive.LIST).exists():
                with pytest.raises(BadInput, match="not a whole one"):
                    Platform.restore(draft, tmp_path / "never")
            shutil.rmtree(draft)
    assert moment > 10
    with closing(restored(tmp_path / "backup", tmp_path / "again")) as platform:
        assert is_whole(platform) == [2, 1]


def test_a_killed_restore_leaves_no_home(filled: World, tmp_path: Path) -> None:
    filled.platform.backup(tmp_path / "backup", keys=True)
    for moment in range(1, 90):
        process = child.start(child.restores, tmp_path / "backup", tmp_path / "again", moment)
        process.join(60)
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL
        if (tmp_path / "again").exists():
            with Platform.open(tmp_path / "again") as platform:
                assert is_whole(platform) == [2, 1]
            shutil.rmtree(tmp_path / "again")
    assert moment > 10
    with Platform.open(tmp_path / "again") as platform:
        assert is_whole(platform) == [2, 1]


def killed_backup(world: World, folder: Path) -> Path:
    """The draft of a backup into `folder` that was killed."""
    world.mesh.record.close()
    process = child.start(child.backs_up, world.home, folder, 5)
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    (draft,) = folder.parent.glob(".*.partial")
    return draft


def test_what_a_killed_backup_leaves_is_removed_by_the_next_one_into_that_folder(filled: World, tmp_path: Path) -> None:
    (tmp_path / "saved").mkdir()
    draft = killed_backup(filled, tmp_path / "saved" / "monday")
    assert archive.find_interrupted(tmp_path / "saved") == [draft]
    (mine := tmp_path / "saved" / ".mine.partial").mkdir()
    (other := tmp_path / "saved" / f".x.{'a' * 16}.partial").write_text("a file")
    filled.platform.backup(tmp_path / "saved" / "tuesday", keys=True)
    assert not draft.exists()
    assert (mine.exists(), other.exists()) == (True, True)


def test_a_draft_that_is_being_written_is_left_alone(filled: World, tmp_path: Path) -> None:
    with archive.create_atomically(tmp_path / "saved" / "first") as draft:
        (draft / "file").write_text("x")
        assert archive.find_interrupted(tmp_path / "saved") == []
        filled.platform.backup(tmp_path / "saved" / "second", keys=True)
        assert (draft / "file").exists()
    assert (tmp_path / "saved" / "first" / "file").exists()
    assert not list((tmp_path / "saved").glob(".*"))


def test_a_file_system_without_locks_takes_backups(
    filled: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "lock_folder", lambda folder: None)
    filled.platform.backup(tmp_path / "saved" / "first", keys=True)
    assert [path.name for path in (tmp_path / "saved").iterdir()] == ["first"]


def test_backup_and_restore_leave_an_entry_in_the_audit_log(filled: World, tmp_path: Path) -> None:
    filled.platform.backup(tmp_path / "backup", keys=False)
    (entry,) = filled.platform.audit_log(act="backup")
    assert entry.details == {"folder": str(tmp_path / "backup"), "keys": False}
    with pytest.raises(BadInput):
        filled.platform.backup(tmp_path / "backup", keys=True)
    assert len(filled.platform.audit_log(act="backup")) == 1
    with restored(tmp_path / "backup", tmp_path / "again") as platform:
        (entry,) = platform.audit_log(act="restore")
        assert (entry.details["folder"], entry.details["keys"]) == (str(tmp_path / "backup"), False)
        assert platform.verify_audit().ok


def test_a_folder_that_is_no_backup_is_answered_with_the_backups_in_it(filled: World, tmp_path: Path) -> None:
    filled.platform.backup(tmp_path / "backups" / "monday", keys=True)
    with pytest.raises(BadInput, match="is no backup") as refused:
        Platform.restore(tmp_path / "backups", tmp_path / "again")
    assert refused.value.hint == f"it has backups: {tmp_path / 'backups' / 'monday'}"
    with pytest.raises(BadInput) as refused:
        Platform.restore(tmp_path, tmp_path / "again")
    assert refused.value.hint == "name the folder that `data-platform backup FOLDER` wrote"
