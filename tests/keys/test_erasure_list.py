"""The list of erased keys: it only grows, and an interrupted line does not count."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.errors import StorageFailed
from data_platform.keys.erasure_list import FILE, ErasedKey, append_erasures, read_erasures
from tests.keys.kills import is_killed_at
from tests.meshes import NOON

FIRST = ErasedKey("orders/t/email", "0123456789abcdef", 3, NOON, "ana@x")
SECOND = ErasedKey("orders/t/Größe%2F", None, 0, NOON + timedelta(seconds=1), "no\nline")


def test_it_grows_and_keeps_each_erasure_once(tmp_path: Path) -> None:
    assert read_erasures(tmp_path) == ()
    append_erasures(tmp_path, [FIRST])
    before = (tmp_path / FILE).read_bytes()
    append_erasures(tmp_path, [FIRST, SECOND])
    append_erasures(tmp_path, [SECOND])
    assert read_erasures(tmp_path) == (FIRST, SECOND)
    assert (tmp_path / FILE).read_bytes().startswith(before)
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


@given(cut=st.integers(1, 200))
def test_an_interrupted_line_does_not_count_and_is_written_again(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    folder = tmp_path_factory.mktemp("home")
    append_erasures(folder, [FIRST])
    whole = (folder / FILE).stat().st_size
    append_erasures(folder, [SECOND])
    content = (folder / FILE).read_bytes()
    (folder / FILE).write_bytes(content[: max(whole, len(content) - cut)])
    assert read_erasures(folder) == (FIRST,)
    append_erasures(folder, [SECOND])
    assert read_erasures(folder) == (FIRST, SECOND)


@pytest.mark.parametrize(
    "line", ["{}", "[]", "x", '{"key": 1}', '{"key": "k", "uid": "u", "version": 1, "at": "then"}']
)
def test_a_damaged_line_is_refused(tmp_path: Path, line: str) -> None:
    append_erasures(tmp_path, [FIRST])
    with (tmp_path / FILE).open("a") as file:
        file.write(line + "\n")
    with pytest.raises(StorageFailed, match=r"erasures\.jsonl is damaged"):
        read_erasures(tmp_path)


def test_it_is_killed_anywhere_and_has_all_of_it_or_what_it_had(tmp_path: Path) -> None:
    number = 1
    while is_killed_at(number, lambda: append_erasures(tmp_path, [FIRST])):
        assert read_erasures(tmp_path) in [(), (FIRST,)]
        (tmp_path / FILE).unlink(missing_ok=True)
        number += 1
    assert read_erasures(tmp_path) == (FIRST,)
    assert number > 2
