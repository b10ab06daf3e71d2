"""Two processes file what one would, and one does where there is no other."""

from __future__ import annotations

import os
import time

import pytest

from data_platform.record.catalog import bulk
from data_platform.search.schema import Filed
from data_platform.verbs.catalog import index_rebuild
from tests.meshes import IDS, World

NAMES = ["customers", "orders", "returns"]


@pytest.fixture
def three(world: World) -> World:
    for name in NAMES:
        world.product(name, IDS, more="description: ข้อมูล and Orders\ntags: [gold]").register()
    return world


def all_of(world: World, **how: int) -> list[Filed]:
    with world.mesh.record.reading() as conn:
        return sorted(
            map(told, index_rebuild.build_all(world.mesh.record, conn, **how)), key=lambda each: str(each["id"])
        )


def told(document: Filed) -> Filed:
    """Its keys are in no order, and each process has another."""
    return document | {name: sorted(document[name].split()) for name in ("main_keys", "more_keys")}


def test_the_other_process_files_as_this_one_does(three: World) -> None:
    with three.mesh.record.reading() as conn:
        spans = tuple(bulk.split_names(conn, 2))
        with index_rebuild.start_helper(three.mesh.record.url, spans) as take:
            for span in spans:
                assert list(map(told, _patiently(take))) == list(map(told, index_rebuild.build_span(conn, span)))
            assert take() is None


def test_with_and_without_help_every_product_is_there_once(three: World, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = all_of(three)
    assert [each["id"] for each in alone] == NAMES
    assert all_of(three, batch=1, enough=0) == alone
    monkeypatch.setattr(index_rebuild, "HELPER", "data_platform.nosuch")
    assert all_of(three, batch=1, enough=0) == alone


def test_a_helper_that_cannot_be_started_or_dies_half_way_is_done_without(
    three: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = all_of(three)
    monkeypatch.setattr(index_rebuild.sys, "executable", "/nosuch/python")
    assert all_of(three, batch=1, enough=0) == alone
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb", buffering=0) as batches, os.fdopen(writing, "wb", buffering=0) as half:
        take = index_rebuild._build_take(batches)
        assert take() is None
        half.write((100).to_bytes(8, "big") + b"not all of it")
        half.close()
        assert take() is None


def test_whoever_stops_half_way_leaves_no_process(three: World) -> None:
    with three.mesh.record.reading() as conn:
        some = index_rebuild.build_all(three.mesh.record, conn, batch=1, enough=0)
        next(some)
        some.close()  # a process that is not waited for is a ResourceWarning, which is an error


def _patiently(take: index_rebuild.Take) -> list[Filed]:
    deadline = time.monotonic() + 30
    while (batch := take()) is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert batch is not None
    return batch
