"""The local keyring: keys that agree between processes, and that only their owner can read."""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import secrets
import signal
import stat
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.errors import NotFound, StorageFailed
from data_platform.keys.local_ring import LocalKeyring
from data_platform.keys.management import KEY_BYTES
from data_platform.keys.ring import column_key_id, footer_key_id
from data_platform.keys.states import Erasure, KeyState, Rotation
from tests.keys.kills import is_killed_at
from tests.keys.managements import EphemeralManagement
from tests.meshes import NOON

BY_ANA = Erasure(NOON, "ana")
KEYS = [footer_key_id("orders", "t"), column_key_id("orders", "t", "email")]


def test_a_key_is_made_once_and_stays(tmp_path: Path) -> None:
    ring = LocalKeyring(tmp_path / "keys")
    ring.ensure(KEYS, NOON)
    made = ring.fetch(KEYS)
    ring.ensure(KEYS, NOON)
    assert ring.fetch(KEYS) == LocalKeyring(tmp_path / "keys").fetch(KEYS) == made
    assert all(len(key) == KEY_BYTES for key in made.values())
    assert len(set(made.values())) == 2


def test_only_the_owner_may_read_them_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        LocalKeyring(tmp_path / "keys").ensure(KEYS, NOON)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").iterdir()} == {0o600}
    assert len(list((tmp_path / "keys").glob("*.key"))) == 3


def make_at_once(folder: Path, together: object, told: object) -> None:
    ring = LocalKeyring(folder)
    together.wait(60)  # type: ignore[attr-defined]
    ring.ensure(KEYS, NOON)
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
    assert {path.name for path in (tmp_path / "keys").glob("master-*")} == {"master-1.key"}
    assert len(list((tmp_path / "keys").glob("*.key"))) == 3


def test_a_key_that_is_gone_is_missing_and_not_erased(tmp_path: Path) -> None:
    ring = LocalKeyring(tmp_path)
    with pytest.raises(NotFound, match="the key of orders/t is missing"):
        ring.fetch(["orders/t"])
    assert ring.describe(["orders/t"])["orders/t"].state is KeyState.MISSING


@pytest.mark.parametrize(
    "content",
    [b"", b"short", b"x" * 33, b"{}", b'{"key": "orders/t", "uid": "1"}', b"[1, 2]" + b" " * 40, b"\xff" * 64],
)
def test_a_damaged_key_is_refused_without_showing_it(tmp_path: Path, content: bytes) -> None:
    ring = LocalKeyring(tmp_path)
    ring.ensure(KEYS[:1], NOON)
    path = ring._build_path(KEYS[0])
    path.write_bytes(content)
    with pytest.raises(StorageFailed, match=rf"key of orders/t is damaged: {len(content)} bytes") as caught:
        ring.fetch(KEYS[:1])
    assert "short" not in str(caught.value)
    assert ring.ensure(KEYS[:1], NOON) == []
    with pytest.raises(StorageFailed, match="is damaged"):
        ring.rotate(KEYS)
    assert path.read_bytes() == content
    assert (tmp_path / "master-1.key").exists()


def test_a_wrapped_key_under_another_name_does_not_open(tmp_path: Path) -> None:
    ring = LocalKeyring(tmp_path)
    ring.ensure(KEYS, NOON)
    footer, email = map(ring._build_path, KEYS)
    email.write_bytes(footer.read_bytes())
    with pytest.raises(StorageFailed, match="the key of orders/t/email is the key of orders/t"):
        ring.fetch(KEYS)
    email.write_bytes(footer.read_bytes().replace(b'"orders/t"', b'"orders/t/email"'))
    with pytest.raises(StorageFailed, match="damaged, or it is the key of something else"):
        ring.fetch(KEYS)


def test_another_key_management_takes_the_place_of_the_master_keys(tmp_path: Path) -> None:
    ring = LocalKeyring(tmp_path, EphemeralManagement())
    ring.ensure(KEYS, NOON)
    keys = ring.fetch(KEYS)
    assert ring.rotate(KEYS) == Rotation(2, 2, 0)
    assert ring.fetch(KEYS) == keys
    ring.erase(KEYS[1], ring.describe(KEYS)[KEYS[1]].uid, BY_ANA)
    assert ring.describe(KEYS)[KEYS[1]].state is KeyState.ERASED
    assert list(tmp_path.glob("master-*")) == []
    elsewhere = LocalKeyring(tmp_path, EphemeralManagement())
    assert elsewhere.describe(KEYS)[KEYS[0]].state is KeyState.MISSING
    with pytest.raises(StorageFailed, match="the master key is missing"):
        elsewhere.ensure(["stock/t"], NOON)


def write_raw(ring: LocalKeyring, key_id: str, key: bytes) -> None:
    """As earlier releases did."""
    path = ring._build_path(key_id)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(key)
    path.chmod(0o600)


def test_keys_of_earlier_releases_open_and_are_wrapped_by_a_rotation_only(tmp_path: Path) -> None:
    ring, raw = LocalKeyring(tmp_path), secrets.token_bytes(32)
    write_raw(ring, KEYS[0], raw)
    write_raw(ring, "orders/u", raw)
    ring.ensure(KEYS, NOON)
    assert ring.fetch(KEYS[:1]) == {KEYS[0]: raw}
    assert ring._build_path(KEYS[0]).read_bytes() == raw
    before = ring.describe(KEYS)
    assert [before[key_id].master for key_id in KEYS] == [None, 1]
    keys = ring.fetch(KEYS)
    assert ring.rotate(KEYS) == Rotation(2, 2, 1)
    after = ring.describe(KEYS)
    assert [after[key_id].master for key_id in KEYS] == [2, 2]
    assert [after[key_id].uid for key_id in KEYS] == [before[key_id].uid for key_id in KEYS]
    assert ring.fetch(KEYS) == keys
    assert {path.name for path in tmp_path.glob("master-*")} == {"master-2.key"}
    assert not any(raw in path.read_bytes() for path in tmp_path.iterdir() if path != ring._build_path("orders/u"))


def test_an_erased_key_is_gone_for_good(tmp_path: Path) -> None:
    ring = LocalKeyring(tmp_path)
    ring.ensure(KEYS, NOON)
    first, old = ring.describe(KEYS)[KEYS[1]], ring.fetch(KEYS)[KEYS[1]]
    content = ring._build_path(KEYS[1]).read_bytes()
    ring.erase(KEYS[1], first.uid, BY_ANA)
    with pytest.raises(NotFound, match="the data is erased since 2026-11-23 12:00 UTC by ana"):
        ring.fetch(KEYS)
    status = ring.describe(KEYS)[KEYS[1]]
    assert (status.state, status.erasures) == (KeyState.ERASED, (BY_ANA,))
    assert json.loads(content)["wrapped"].encode() not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert ring.ensure(KEYS, NOON) == [KEYS[1]]
    assert ring.fetch(KEYS)[KEYS[1]] != old
    ring.erase(KEYS[1], first.uid, BY_ANA)  # again, as after an interruption: the new key is another one
    assert ring.describe(KEYS)[KEYS[1]].state is KeyState.PRESENT
    assert ring.describe(KEYS)[KEYS[1]].erasures == (BY_ANA,)
    assert ring.rotate(KEYS).keys == 2


def test_a_missing_key_can_be_erased_but_a_present_one_is_not_taken_for_it(tmp_path: Path) -> None:
    ring = LocalKeyring(tmp_path)
    ring.erase(KEYS[1], None, BY_ANA)
    assert ring.describe(KEYS)[KEYS[1]].state is KeyState.ERASED
    ring.ensure(KEYS, NOON)
    ring.erase(KEYS[1], None, BY_ANA)
    assert ring.describe(KEYS)[KEYS[1]].state is KeyState.PRESENT


def test_drafts_of_interrupted_writers_are_erased_too(tmp_path: Path) -> None:
    ring = LocalKeyring(tmp_path)
    ring.ensure(KEYS, NOON)
    path = ring._build_path(KEYS[1])
    os.link(path, tmp_path / f".{path.name}.0123456789abcdef.new")
    ring.erase(KEYS[1], ring.describe(KEYS)[KEYS[1]].uid, BY_ANA)
    assert list(tmp_path.glob(".*.new")) == []


def test_a_master_key_that_is_lost_is_not_replaced(tmp_path: Path) -> None:
    ring = LocalKeyring(tmp_path)
    ring.ensure(KEYS, NOON)
    (tmp_path / "master-1.key").unlink()
    status = ring.describe(KEYS)[KEYS[0]]
    assert (status.state, status.problem) == (KeyState.MISSING, "master key 1 is missing")
    with pytest.raises(NotFound, match="master key 1 is missing"):
        ring.fetch(KEYS)
    with pytest.raises(StorageFailed, match="no new one is made in its place"):
        ring.ensure(["stock/t"], NOON)
    (tmp_path / "LOST").touch()
    assert ring.ensure([*KEYS, "stock/t"], NOON) == [*KEYS, "stock/t"]
    assert len(ring.fetch([*KEYS, "stock/t"])) == 3


@pytest.mark.long
def test_a_rotation_that_is_killed_anywhere_loses_no_key(tmp_path: Path) -> None:
    for number in count(1):
        folder = tmp_path / str(number)
        folder.mkdir(mode=0o700)
        ring = LocalKeyring(folder)
        write_raw(ring, "orders/t/born", secrets.token_bytes(32))
        ring.ensure(KEYS, NOON)
        keys = ring.fetch([*KEYS, "orders/t/born"])
        killed = is_killed_at(number, partial(ring.rotate, list(keys)))
        assert ring.fetch(keys) == keys
        assert ring.ensure(["stock/t"], NOON) == ["stock/t"]
        last = ring.rotate(keys)
        assert ring.fetch(keys) == keys
        assert last.keys == 4
        assert [path.name for path in (tmp_path / str(number)).glob("master-*")] == [f"master-{last.version}.key"]
        assert list((tmp_path / str(number)).glob(".*.new")) == []
        if not killed:
            break
    assert number > 20


def test_an_erasure_that_is_killed_anywhere_is_done_or_not(tmp_path: Path) -> None:
    states = set()
    for number in count(1):
        ring = LocalKeyring(tmp_path / str(number))
        ring.ensure(KEYS, NOON)
        uid = ring.describe(KEYS)[KEYS[1]].uid
        wrapped = json.loads(ring._build_path(KEYS[1]).read_bytes())["wrapped"].encode()
        killed = is_killed_at(number, partial(ring.erase, KEYS[1], uid, BY_ANA))
        states.add(ring.describe(KEYS)[KEYS[1]].state)
        ring.erase(KEYS[1], uid, BY_ANA)
        status = ring.describe(KEYS)[KEYS[1]]
        assert (status.state, status.erasures) == (KeyState.ERASED, (BY_ANA,))
        assert not any(wrapped in path.read_bytes() for path in (tmp_path / str(number)).iterdir())
        assert len(ring.fetch(KEYS[:1])) == 1
        if not killed:
            break
    assert states == {KeyState.PRESENT, KeyState.ERASED}


def make_keys(folder: Path, stop: object, told: object) -> None:
    ring, number = LocalKeyring(folder), 0
    while not stop.is_set():  # type: ignore[attr-defined]
        number += 1
        ring.ensure([f"stock/t{number}"], NOON)
        assert len(ring.fetch([*KEYS, f"stock/t{number}"])) == 3
    told.put(number)  # type: ignore[attr-defined]


@pytest.mark.long
def test_rotations_disturb_no_reader_and_lose_no_key_that_is_made_meanwhile(tmp_path: Path) -> None:
    ring = LocalKeyring(tmp_path)
    ring.ensure(KEYS, NOON)
    keys = ring.fetch(KEYS)
    context = multiprocessing.get_context("fork")
    stop, told = context.Event(), context.SimpleQueue()
    processes = [context.Process(target=make_keys, args=(tmp_path, stop, told)) for _ in range(2)]
    for process in processes:
        process.start()
    for _ in range(15):
        ring.rotate(KEYS)
    stop.set()
    made = [told.get() for _ in processes]
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    assert ring.fetch(KEYS) == keys
    assert len(ring.fetch(f"stock/t{number}" for number in range(1, max(made) + 1))) == max(made)


def test_a_key_never_shows_in_a_repr(tmp_path: Path) -> None:
    ring = LocalKeyring(tmp_path)
    ring.ensure(KEYS, NOON)
    shown = repr(ring) + str(ring) + repr(vars(ring))
    assert not any(key.hex() in shown or repr(key)[2:-1] in shown for key in ring.fetch(KEYS).values())


def cannot_write(folder: Path, told: object) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16))
    try:
        LocalKeyring(folder).ensure(KEYS, NOON)
    except StorageFailed as error:
        told.put(error.message)  # type: ignore[attr-defined]


def test_a_disk_that_takes_no_key_is_told_and_keeps_no_half_of_it(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    told = context.SimpleQueue()
    process = context.Process(target=cannot_write, args=(tmp_path / "keys", told))
    process.start()
    process.join(60)
    assert "cannot make a key in" in told.get()
    assert list((tmp_path / "keys").glob("*.key*")) == []


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_key_ids_hold_none_of_the_characters_that_parquet_forbids(column: str) -> None:
    key_id = column_key_id("orders", "t", column)
    assert not set(key_id) & set(":;,")
    assert key_id.count("/") == 2
