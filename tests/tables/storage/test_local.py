"""What is particular to the disk: what is flushed and when, symlinks, pipes, and folders in the way."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from data_platform.errors import StorageFailed
from data_platform.tables.storage.errors import convert_storage_errors
from data_platform.tables.storage.local import LocalStorage
from data_platform.tables.storage.locations import find_path, list_links, locate
from tests.tables.storage.memory import MemoryStorage

KEY = "orders/t/data/a.parquet"


class Flushes:
    """The files and folders that were flushed, in order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.paths: list[str] = []
        monkeypatch.setattr(os, "fsync", lambda handle: self.paths.append(os.readlink(f"/proc/self/fd/{handle}")))


@pytest.fixture
def flushes(monkeypatch: pytest.MonkeyPatch) -> Flushes:
    return Flushes(monkeypatch)


def test_content_is_flushed_when_a_file_is_closed_and_names_when_they_are_synced(
    tmp_path: Path, flushes: Flushes
) -> None:
    storage = LocalStorage(tmp_path)
    file = storage.create(KEY)
    file.write(b"x")
    assert flushes.paths == []
    file.close()
    file.close()
    storage.put_if_absent("orders/t/metadata/m", b"x")
    storage.sync("orders/t/data")
    assert flushes.paths == [str(tmp_path / name) for name in (KEY, "orders/t/metadata/m", "orders/t/data")]


def test_a_replaced_file_is_flushed_before_it_has_its_name(tmp_path: Path, flushes: Flushes) -> None:
    LocalStorage(tmp_path).replace(KEY, b"x")
    draft, folder = flushes.paths
    assert Path(draft).name.startswith(".a.parquet.")
    assert folder == str((tmp_path / KEY).parent)


def test_scratch_is_never_flushed(tmp_path: Path, flushes: Flushes) -> None:
    storage = LocalStorage(tmp_path, durable=False)
    storage.put_if_absent(KEY, b"x")
    storage.sync("orders/t/data")
    assert flushes.paths == []


def test_symlinks_are_listed_apart_and_not_followed(tmp_path: Path) -> None:
    root, other = tmp_path / "root", tmp_path / "other"
    LocalStorage(other).put_if_absent("t/data/x", b"x")
    storage = LocalStorage(root)
    storage.put_if_absent(KEY, b"x")
    (root / "linked").symlink_to(other)
    (root / "orders/t/data/link").symlink_to(other / "t/data/x")
    assert list(storage.list()) == [KEY]
    assert list(storage.list("linked/")) == ["linked/t/data/x"]
    assert set(list_links(storage)) == {"linked", "orders/t/data/link"}


def test_a_root_that_is_a_symlink_is_followed_and_says_so(tmp_path: Path) -> None:
    LocalStorage(tmp_path / "other").put_if_absent(KEY, b"x")
    (tmp_path / "root").symlink_to(tmp_path / "other")
    storage = LocalStorage(tmp_path / "root")
    assert list(storage.list()) == [KEY]
    assert list_links(storage) == ("",)


def test_a_pipe_is_no_file_and_is_not_waited_for(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert list(storage.list()) == []
    for ask in (storage.read, storage.describe):
        with pytest.raises(OSError, match="regular file") as caught:
            ask("pipe")
        assert caught.value.errno == errno.EINVAL


def test_a_folder_in_the_way_of_a_replaced_file_is_moved_aside(tmp_path: Path) -> None:
    (tmp_path / KEY).mkdir(parents=True)
    (tmp_path / KEY / "inside").write_text("kept")
    storage = LocalStorage(tmp_path)
    storage.replace(KEY, b"x")
    assert storage.read(KEY) == b"x"
    (aside,) = (tmp_path / KEY).parent.glob("*.damaged")
    assert (aside / "inside").read_text() == "kept"


def test_a_location_on_a_disk_is_its_path_and_else_the_uri(tmp_path: Path) -> None:
    odd = tmp_path / "50% ไทย #1\udcff"
    for key in ("", "orders@2/t"):
        assert locate(LocalStorage(odd), key) == str(odd / key)
    assert locate(MemoryStorage(), "orders/t") == "memory://bucket/prefix/orders/t"


def test_only_files_on_a_disk_have_a_path(tmp_path: Path) -> None:
    assert find_path(LocalStorage(tmp_path), KEY) == str(tmp_path / KEY)
    assert list_links(MemoryStorage()) == ()
    with pytest.raises(StorageFailed, match=r"memory://bucket/prefix/orders/t/data/a.parquet is not on a disk"):
        find_path(MemoryStorage(), KEY)


def test_errors_say_what_was_being_done_and_what_to_do() -> None:
    for number, hint in ((errno.ENOSPC, "free some space"), (errno.EROFS, "write permission"), (errno.EIO, "repair")):
        with (
            pytest.raises(StorageFailed, match=r"cannot write orders\.t") as caught,
            convert_storage_errors("cannot write orders.t"),
        ):
            raise OSError(number, os.strerror(number))
        assert hint in str(caught.value.hint)


@pytest.mark.parametrize("key", ["../x", "a/../../x", "/etc/passwd", "a\0b", "\ud800"])
def test_a_key_that_leads_out_of_the_storage_can_be_named_in_a_message(tmp_path: Path, key: str) -> None:
    assert locate(LocalStorage(tmp_path), key) == f"{tmp_path}/{key!a}"
