"""What every storage does, whatever is behind the port."""

from __future__ import annotations

import errno
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_platform.tables.storage.local import LocalStorage
from data_platform.tables.storage.port import OnDisk, Storage
from data_platform.tables.storage.reader import StoredFileReader, read_chunks
from tests.hypothesis_lanes import examples

KEY = "orders/t/data/a.parquet"


def test_a_stream_is_whole_once_it_is_closed(storage: Storage) -> None:
    file = storage.create(KEY)
    assert [file.write(b"abc"), file.write(b""), file.write(b"defg")] == [3, 0, 4]
    file.close()
    file.close()
    assert storage.read(KEY) == b"abcdefg"
    assert storage.describe(KEY).size == 7


def test_an_abandoned_stream_leaves_nothing(storage: Storage) -> None:
    for is_closed in (False, True):
        file = storage.create(KEY)
        file.write(b"abc")
        if is_closed:
            file.close()
        file.abandon()
        file.abandon()
        assert list(storage.list()) == []
    storage.put_if_absent(KEY, b"next")


def test_a_key_is_given_once(storage: Storage) -> None:
    storage.put_if_absent(KEY, b"first")
    with pytest.raises(FileExistsError) as caught:
        storage.put_if_absent(KEY, b"second")
    assert caught.value.errno == errno.EEXIST
    with pytest.raises(FileExistsError):
        storage.create(KEY).close()
    assert storage.read(KEY) == b"first"


def test_of_many_writers_of_one_key_one_wins(storage: Storage) -> None:
    def put(content: bytes) -> bool:
        try:
            storage.put_if_absent(KEY, content)
        except FileExistsError:
            return False
        return True

    contents = [bytes([number]) * 1000 for number in range(16)]
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(put, contents))
    assert won.count(True) == 1
    assert storage.read(KEY) == contents[won.index(True)]


def test_a_file_is_replaced_whether_or_not_it_is_there(storage: Storage) -> None:
    storage.replace(KEY, b"old and long")
    storage.replace(KEY, b"new")
    assert storage.read(KEY) == b"new"
    assert list(storage.list()) == [KEY]


@pytest.mark.parametrize(
    ("start", "length", "part"),
    [
        (0, None, b"0123456789"),
        (3, None, b"3456789"),
        (3, 4, b"3456"),
        (8, 9, b"89"),
        (10, None, b""),
        (99, 5, b""),
        (4, 0, b""),
    ],
)
def test_a_range(storage: Storage, start: int, length: int | None, part: bytes) -> None:
    storage.put_if_absent(KEY, b"0123456789")
    assert storage.read(KEY, start, length) == part


def test_a_missing_file_is_reported_by_every_read_and_by_no_delete(storage: Storage) -> None:
    storage.put_if_absent("orders/t/data/b.parquet", b"")
    for missing in (KEY, "elsewhere/t/data/a"):
        for ask in (storage.read, storage.describe):
            with pytest.raises(FileNotFoundError) as caught:
                ask(missing)
            assert caught.value.errno == errno.ENOENT
        storage.delete(missing)


def test_a_file_can_be_deleted_and_its_neighbours_stay(storage: Storage) -> None:
    storage.put_if_absent(KEY, b"1")
    storage.put_if_absent(KEY + ".crc", b"2")
    storage.delete(KEY)
    assert list(storage.list()) == [KEY + ".crc"]


def test_keys_are_listed_by_any_beginning(storage: Storage) -> None:
    keys = {f"{product}/t{n}/{kind}/{n}-x" for product in ("a", "ab") for n in range(3) for kind in ("data", "meta")}
    for key in keys:
        storage.put_if_absent(key, b"x")
    for prefix in ("", "a", "a/", "ab/t1/data/", "ab/t1/data/1-", "b", "a/t1/data/1-x", "a/t1/data/1-x/", "nothing/"):
        listed = list(storage.list(prefix))
        assert len(set(listed)) == len(listed)
        assert set(listed) == {key for key in keys if key.startswith(prefix)}, prefix


def test_files_may_vanish_while_they_are_listed(storage: Storage) -> None:
    for number in range(6):
        storage.put_if_absent(f"p/t{number}/data/x", b"")
    listed = []
    for key in storage.list():
        listed.append(key)
        for number in range(6):
            storage.delete(f"p/t{number}/data/x")
    assert listed[0].startswith("p/t")


def test_what_was_written_later_is_newer(storage: Storage) -> None:
    storage.put_if_absent("p/t/metadata/1", b"")
    storage.put_if_absent("p/t/metadata/2", b"")
    assert storage.describe("p/t/metadata/1").modified <= storage.describe("p/t/metadata/2").modified


def test_names_are_made_durable_folder_by_folder(storage: Storage) -> None:
    storage.put_if_absent(KEY, b"x")
    storage.sync("orders/t/data")
    assert storage.read(KEY) == b"x"


@pytest.mark.parametrize("key", ["../a", "orders/../../a", "/etc/passwd", "a\0b", "..", "orders/./a"])
def test_no_key_leads_out_of_the_storage(storage: Storage, key: str) -> None:
    asks: tuple[Callable[[], object], ...] = (
        lambda: storage.read(key),
        lambda: storage.create(key),
        lambda: storage.put_if_absent(key, b""),
        lambda: storage.replace(key, b""),
        lambda: storage.describe(key),
        lambda: storage.delete(key),
        lambda: storage.build_uri(key),
    )
    for ask in asks:
        with pytest.raises(ValueError, match="leads out"):
            ask()


@pytest.mark.parametrize("name", ["a b", "50%", "x#y", "ไทย", "q?a=1", "@2", "a[b]*", "'q'", "-dash", "{id}", "s3:"])
def test_every_name_is_written_listed_and_located(storage: Storage, name: str) -> None:
    key = f"{name}/t/data/{name}"
    storage.put_if_absent(key, b"x")
    assert list(storage.list(f"{name}/t/data/{name}")) == [key]
    uri = storage.build_uri(key)
    assert uri.startswith(storage.build_uri() + "/")
    assert uri.isascii()
    assert not set(uri) & set(" #?")


def test_equal_storages_are_one_key_of_a_cache(storage: Storage, tmp_path: Path) -> None:
    assert len({storage, storage}) == 1
    if isinstance(storage, OnDisk):
        assert hash(LocalStorage(tmp_path)) == hash(LocalStorage(tmp_path))
        assert LocalStorage(tmp_path) != LocalStorage(tmp_path / "other")


def test_a_file_is_read_in_parts_by_libraries(storage: Storage) -> None:
    table = pa.table({"id": list(range(10_000)), "text": [str(number) * 9 for number in range(10_000)]})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, row_group_size=1000)
    content = sink.getvalue().to_pybytes()
    storage.put_if_absent(KEY, content)
    with pq.ParquetFile(StoredFileReader(storage, KEY)) as file:
        assert file.read_row_group(3, columns=["id"])["id"].to_pylist() == list(range(3000, 4000))
        assert file.read().equals(table)
    assert b"".join(read_chunks(storage, KEY)) == content


@given(content=st.binary(max_size=64), moves=st.lists(st.tuples(st.integers(0, 2), st.integers(-9, 80)), max_size=9))
@settings(max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_reader_moves_as_a_python_file_does(tmp_path: Path, content: bytes, moves: list[tuple[int, int]]) -> None:
    storage = LocalStorage(tmp_path)
    storage.replace(KEY, content)
    reader = StoredFileReader(storage, KEY)
    with (tmp_path / KEY).open("rb") as file:
        for whence, offset in moves:
            start = {0: 0, 1: file.tell(), 2: len(content)}[whence]
            if start + offset >= 0:
                assert reader.seek(offset, whence) == file.seek(offset, whence)
                assert reader.tell() == file.tell()
                assert reader.read(offset if offset > 0 else None) == file.read(offset if offset > 0 else None)
