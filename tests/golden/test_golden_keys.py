"""Keys that earlier releases wrote open as they are; a rotation wraps them, and an erasure erases them."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_platform import FrameError, Platform
from data_platform.keys.states import KeyState
from tests.golden.test_golden_home import REVISIONS, unpack


@pytest.mark.parametrize("revision", REVISIONS)
def test_raw_keys_open_until_a_rotation_wraps_them(revision: str, tmp_path: Path) -> None:
    unpack(revision, "sqlite", tmp_path)
    files = {path: path.read_bytes() for path in (tmp_path / ".data-platform" / "keys").glob("*.key")}
    with Platform.open(tmp_path / ".data-platform") as platform:
        columns = [key for key in platform.list_keys() if key.column is not None]
        assert columns
        assert {(key.state, key.master) for key in columns} == {(KeyState.PRESENT, None)}
        rows = [
            platform.consume(key.product, key.output).select(key.column).to_arrow() for key in columns if key.column
        ]
        assert {path: path.read_bytes() for path in files} == files
        rotated = platform.rotate_keys()
        assert (rotated.version, rotated.keys, rotated.unidentified) == (1, len(files), 0)
        assert rows == [
            platform.consume(key.product, key.output).select(key.column).to_arrow() for key in columns if key.column
        ]
        first = columns[0]
        platform.erase_key(first.product, first.output, first.column, confirm=first.name)
        with pytest.raises(FrameError, match="the data is erased since"):
            platform.consume(first.product, first.output).select(first.column or "").to_arrow()
        assert platform.verify_audit().ok
