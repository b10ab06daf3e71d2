"""The local keyring: keys that agree between processes, and that only their owner can read."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.errors import NotFound, StorageFailed
from data_platform.keys.ring import KEY_BYTES, LocalKeyring, column_key_id, footer_key_id

KEYS = [footer_key_id("orders", "t"), column_key_id("orders", "t", "email")]


def test_a_key_is_made_once_and_stays(tmp_path: Path) -> None:
    ring = LocalKeyring(tmp_path / "keys")
    ring.ensure(KEYS)
    made = ring.fetch(KEYS)
    ring.ensure(KEYS)
    assert ring.fetch(KEYS) == LocalKeyring(tmp_path / "keys").fetch(KEYS) == made
    assert all(len(key) == KEY_BYTES for key in made.values())
    assert len(set(made.values())) == 2


def test_only_the_owner_may_read_them_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        LocalKeyring(tmp_path / "keys").ensure(KEYS)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").iterdir()} == {0o600}
    assert len(list((tmp_path / "keys").iterdir())) == 2


def make_at_once(folder: Path, together: object, told: object) -> None:
    ring = LocalKeyring(folder)
    together.wait(60)  # type: ignore[attr-defined]
    ring.ensure(KEYS)
    told.put(ring.fetch(KEYS))  # type: ignore[attr-defined]


def test_eight_processes_that_make_the_same_key_agree(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    together, told = context.Barrier(8), context.SimpleQueue()
    words = (tmp_path / "keys", together, told)
    processes = [context.Process(target=make_at_once, args=words) for _ in range(8)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    seen = [told.get() for _ in processes]
    assert all(keys == seen[0] for keys in seen)
    assert len(list((tmp_path / "keys").iterdir())) == 2


def test_a_dropped_key_says_that_its_data_is_erased(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"key of orders/t no longer exists.*erased"):
        LocalKeyring(tmp_path).fetch(["orders/t"])


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 33])
def test_a_damaged_key_is_refused_without_showing_it(tmp_path: Path, content: bytes) -> None:
    ring = LocalKeyring(tmp_path)
    ring.ensure(KEYS[:1])
    (path,) = tmp_path.iterdir()
    path.write_bytes(content)
    with pytest.raises(
        StorageFailed, match=rf"key of orders/t is damaged: {len(content)} bytes instead of 32"
    ) as caught:
        ring.fetch(KEYS[:1])
    assert "short" not in str(caught.value)


def test_a_key_never_shows_in_a_repr(tmp_path: Path) -> None:
    ring = LocalKeyring(tmp_path)
    ring.ensure(KEYS)
    shown = repr(ring) + str(ring) + repr(vars(ring))
    assert not any(key.hex() in shown or repr(key)[2:-1] in shown for key in ring.fetch(KEYS).values())


def cannot_write(folder: Path, told: object) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16))
    try:
        LocalKeyring(folder).ensure(KEYS)
    except StorageFailed as error:
        told.put(error.message)  # type: ignore[attr-defined]


def test_a_disk_that_takes_no_key_is_told_and_keeps_no_half_of_it(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    told = context.SimpleQueue()
    process = context.Process(target=cannot_write, args=(tmp_path / "keys", told))
    process.start()
    process.join(60)
    assert "cannot make a key in" in told.get()
    assert list((tmp_path / "keys").iterdir()) == []


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_key_ids_hold_none_of_the_characters_that_parquet_forbids(column: str) -> None:
    key_id = column_key_id("orders", "t", column)
    assert not set(key_id) & set(":;,")
    assert key_id.count("/") == 2
