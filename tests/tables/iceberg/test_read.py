"""What is read of a version's metadata, however it is damaged: what was written, or a clear word."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_platform.errors import StorageFailed
from data_platform.tables.corruption import MetadataDamaged
from data_platform.tables.iceberg.read import Extent, list_data_files, load, read_live_entries
from data_platform.tables.storage.local import LocalStorage
from tests.hypothesis_lanes import examples
from tests.tables.iceberg.test_commit import IDS, Table, ids

KINDS = ("snap-*.avro", "*-m0.avro", "*.metadata.json")


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 10)


def halved(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def emptied(path: Path) -> None:
    os.truncate(path, 0)


def garbage(path: Path) -> None:
    path.write_bytes(b"\xff" * path.stat().st_size)


def text(path: Path) -> None:
    path.write_text("{}")


def missing(path: Path) -> None:
    path.unlink()


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def link_to_nowhere(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


HARMS = [cut, halved, emptied, garbage, text, missing, folder, pipe, link_to_nowhere]


def published(folder: Path) -> tuple[Table, str, Extent]:
    """A table of one version, with its manifest list, and what it holds."""
    table = Table(LocalStorage(folder))
    swap = table.publish(IDS, ids(1, 2, 3))
    return table, swap.manifest_list, Extent("0" * 32, 1, 3)


def read(table: Table, manifest_list: str, extent: Extent) -> tuple[str, ...]:
    read_live_entries.cache_clear()
    load(table.place, str(table.pointer))
    return list_data_files(table.place, manifest_list, extent)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("harm", HARMS)
def test_every_damage_of_a_metadata_file_names_the_file(
    tmp_path: Path, harm: Callable[[Path], None], kind: str
) -> None:
    table, manifest_list, extent = published(tmp_path)
    (path,) = table.folder.metadata.glob(kind)
    before = read(table, manifest_list, extent)
    harm(path)
    with pytest.raises(MetadataDamaged) as caught:
        read(table, manifest_list, extent)
    assert caught.value.location == str(path) or kind == "*-m0.avro"
    assert "repair" in str(caught.value.hint)
    assert len(before) == 1


@pytest.mark.parametrize(("kind", "field"), [("snap-*.avro", 503), ("*-m0.avro", 103)])
def test_an_avro_schema_without_a_required_field_is_damage(tmp_path: Path, kind: str, field: int) -> None:
    table, manifest_list, extent = published(tmp_path)
    (path,) = table.folder.metadata.glob(kind)
    content = path.read_bytes()
    (harmed, count) = re.subn(rb'("field-id": ?)%d\b' % field, rb"\g<1>999", content)
    assert count == 1
    path.write_bytes(harmed)
    with pytest.raises(MetadataDamaged):
        read(table, manifest_list, extent)


@given(data=st.data())
@settings(
    max_examples=examples(80),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_bytes_that_changed_never_give_other_files(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    table, manifest_list, extent = published(tmp_path_factory.mktemp("t"))
    before = read(table, manifest_list, extent)
    (path,) = table.folder.metadata.glob(data.draw(st.sampled_from(KINDS)))
    content = bytearray(path.read_bytes())
    for place, byte in data.draw(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=4)):
        content[int(place * (len(content) - 1))] = byte
    path.write_bytes(content[: int(data.draw(st.floats(0, 1)) * len(content))] if data.draw(st.booleans()) else content)
    try:
        after = read(table, manifest_list, extent)
    except StorageFailed as error:
        assert str(path.parent) in error.message
    else:
        assert [Path(name).parent for name in after] == [Path(name).parent for name in before]
        assert len(after) == 1
        assert Path(after[0]).name.startswith("0" * 32)


@pytest.mark.parametrize("name", ["a[b]*?", "x#y", "50%", "a b", "ไทย", "s3:", "'quoted'", "-dash", "{id}"])
def test_a_home_of_any_name_is_written_and_read(tmp_path: Path, name: str) -> None:
    table = Table(LocalStorage(tmp_path / name))
    swap = table.publish(IDS, ids(1))
    again = table.publish(IDS, ids(2))
    assert (
        len(list_data_files(table.place, swap.manifest_list))
        == len(list_data_files(table.place, again.manifest_list))
        == 1
    )
