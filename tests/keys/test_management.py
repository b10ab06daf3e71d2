"""One suite for every key management: what it wraps, it alone opens, and only for the same context."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_platform.errors import NotFound, StorageFailed
from data_platform.keys.local_masters import LocalMasterKeys
from data_platform.keys.management import KeyManagement
from tests.hypothesis_lanes import examples
from tests.keys.backends import BACKENDS, Backend

KEY = bytes(range(32))


@pytest.fixture(scope="module", params=list(BACKENDS))
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    with BACKENDS[request.param]() as opened:
        yield opened


@pytest.fixture(scope="module")
def rotated(backend: Backend) -> KeyManagement:
    """A key management with two versions."""
    return backend.make_rotated()


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@pytest.mark.long
@settings(max_examples=examples(100))
@given(key=st.binary(min_size=32, max_size=32), context=TEXTS, other=TEXTS)
def test_a_key_opens_in_its_context_alone(rotated: KeyManagement, key: bytes, context: str, other: str) -> None:
    wrapped = rotated.wrap(key, context)
    assert wrapped.version == 2
    assert rotated.unwrap(wrapped, context) == key
    if other != context:
        with pytest.raises(StorageFailed):
            rotated.unwrap(wrapped, other)


@settings(max_examples=examples(100))
@given(key=st.binary(min_size=32, max_size=32), position=st.integers(0), bit=st.integers(0, 7))
def test_a_changed_text_does_not_open(rotated: KeyManagement, key: bytes, position: int, bit: int) -> None:
    wrapped = rotated.wrap(key, "orders/t/email")
    content = bytearray(base64.b64decode(wrapped.text))
    content[position % len(content)] ^= 1 << bit
    with pytest.raises(StorageFailed):
        rotated.unwrap(wrapped._replace(text=base64.b64encode(content).decode()), "orders/t/email")


@pytest.mark.parametrize("text", ["", "é", "AAAA", "no base64!"])
def test_what_is_no_wrapped_key_is_refused(rotated: KeyManagement, text: str) -> None:
    with pytest.raises(StorageFailed):
        rotated.unwrap(rotated.wrap(KEY, "orders/t")._replace(text=text), "orders/t")


def test_nothing_is_wrapped_before_there_is_a_master_key(backend: Backend) -> None:
    if backend.is_created_outside:
        pytest.skip("its master key is created outside")
    management = backend.make()
    assert management.find_version() is None
    with pytest.raises(NotFound):
        management.wrap(KEY, "orders/t")
    assert management.rotate() == 1
    assert management.wrap(KEY, "orders/t").version == 1


def test_a_new_version_wraps_and_earlier_ones_open_until_they_are_retired(backend: Backend) -> None:
    management = backend.make()
    if not backend.is_created_outside:
        management.rotate()
    earlier = management.wrap(KEY, "orders/t")
    management.rotate()
    assert management.wrap(KEY, "orders/t").version == management.find_version() == 2
    assert management.unwrap(earlier, "orders/t") == KEY
    again = management.rewrap(earlier, "orders/t")
    assert (earlier.version, again.version, management.unwrap(again, "orders/t")) == (1, 2, KEY)
    with pytest.raises(StorageFailed):
        management.rewrap(earlier, "orders/u")
    management.retire(2)
    assert management.unwrap(again, "orders/t") == KEY
    if backend.ends_versions:
        for open_again in (management.unwrap, management.rewrap):
            with pytest.raises(NotFound, match="1"):
                open_again(earlier, "orders/t")
    else:
        assert management.unwrap(earlier, "orders/t") == KEY
    assert management.rotate() == 3


def test_the_same_key_is_wrapped_differently_each_time(rotated: KeyManagement) -> None:
    texts = {rotated.wrap(KEY, "orders/t").text for _ in range(20)}
    assert len(texts) == 20
    assert not any(KEY in base64.b64decode(text) for text in texts)


def test_a_master_key_of_another_home_is_not_used(tmp_path: Path) -> None:
    here, there = LocalMasterKeys(tmp_path / "here"), LocalMasterKeys(tmp_path / "there")
    for folder in ("here", "there"):
        (tmp_path / folder).mkdir(0o700)
    here.rotate(), there.rotate()
    with pytest.raises(NotFound, match="is not the one that wraps orders/t"):
        there.unwrap(here.wrap(KEY, "orders/t"), "orders/t")


def test_a_master_key_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    management = LocalMasterKeys(tmp_path)
    management.rotate()
    wrapped = management.wrap(KEY, "orders/t")
    (tmp_path / "master-1.key").chmod(0o644)
    with pytest.raises(StorageFailed, match="accessible to all users"):
        management.unwrap(wrapped, "orders/t")
    (tmp_path / "master-1.key").chmod(0o600)
    (tmp_path / "master-1.key").write_bytes(b"short")
    with pytest.raises(StorageFailed, match="5 bytes instead of 32"):
        management.unwrap(wrapped, "orders/t")


def test_a_key_shows_in_no_repr_and_no_error(rotated: KeyManagement) -> None:
    wrapped = rotated.wrap(KEY, "orders/t")
    with pytest.raises(StorageFailed) as caught:
        rotated.unwrap(wrapped, "orders/u")
    shown = repr(rotated) + repr(wrapped) + repr(caught.value) + str(caught.value)
    assert KEY.hex() not in shown
    assert repr(KEY)[2:-1] not in shown
