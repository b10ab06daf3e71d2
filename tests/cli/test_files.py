"""Files are written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_platform.cli.files import replacing, write_new, write_text
from data_platform.errors import BadInput, StorageFailed


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    write_text(path, "old")
    with pytest.raises(ZeroDivisionError), replacing(path) as beside:
        beside.write_text("half")
        raise ZeroDivisionError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_new_file_takes_the_old_ones_place(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    write_text(path, "old")
    write_text(path, "new")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").mkdir()
    with pytest.raises(StorageFailed, match=r"rows\.csv cannot be written: Is a directory"):
        write_text(tmp_path / "rows.csv", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["rows.csv"]


def test_new_files_overwrite_none_and_write_none_when_one_is_there(tmp_path: Path) -> None:
    (tmp_path / "b").symlink_to(tmp_path / "nowhere")
    with pytest.raises(BadInput, match="b is there already"):
        write_new(tmp_path, {"a": "1", "b": "2"})
    assert [path.name for path in tmp_path.iterdir()] == ["b"]
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFailed, match="cannot be written: Not a directory"):
        write_new(tmp_path / "file", {"deep/a": "1"})
