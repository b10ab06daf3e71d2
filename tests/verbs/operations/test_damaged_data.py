"""A data file that is not what was published is an error that names it, whoever reads it, and never another value."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_platform import DataProduct
from data_platform.engine import digests
from data_platform.errors import DataPlatformError, StorageFailed, UnreadableData
from data_platform.record.db.schema import DATA_FILES
from data_platform.spec.product.loading import load_product
from data_platform.verbs.operations import data_checks
from data_platform.verbs.publishing.rule_runner import RuleRunner
from data_platform.verbs.testing.contract_test import ContractTest, run_contract_test
from tests.hypothesis_lanes import examples
from tests.meshes import IDS, NOON, World

pytestmark = pytest.mark.long

COLUMNS = {
    "id": {"type": "integer"},
    "x": {"type": ["number", "null"]},
    "s": {"type": "string"},
    "email": {"type": "string", "tags": ["pii"]},
}
PLAIN = {name: kind for name, kind in COLUMNS.items() if name != "email"}
N = 2000
ROWS = pa.table(
    {
        "id": range(N),
        "x": [None if number % 7 == 0 else number / 3 for number in range(N)],
        "s": [f"s{number % 50}" for number in range(N)],
        "email": [f"{number}@example.org" for number in range(N)],
    }
)
READS: dict[str, Callable[[World], object]] = {
    "to_arrow": lambda world: world.platform.consume("orders", "t").to_arrow(),
    "columns": lambda world: world.platform.consume("orders", "t", columns=["id", "s"]).to_arrow(),
    "filter": lambda world: world.platform.consume("orders", "t").filter("id >= 0 AND s <> ''").to_arrow(),
    "count": lambda world: world.platform.consume("orders", "t").count(),
    "stream": lambda world: world.platform.consume("orders", "t").filter("id >= 0").to_batches().read_all(),
    "sql": lambda world: world.platform.sql("SELECT * FROM orders.t ORDER BY id").to_arrow(),
    "rule": lambda world: reading_product(world).publish("t", [{"id": 1}]).success,
}


def reading_product(world: World) -> DataProduct:
    rule = "SELECT COUNT(*) FROM orders.t WHERE id < 0 OR s = ''"
    return world.product(
        "reader",
        {"id": {"type": "integer"}},
        more="inputs: [{data_product: orders, output: t}]\n",
        output=f'quality_rules: [{{rule: whole, sql: "{rule}", threshold: 0}}]',
    )


def published(world: World, columns: dict[str, object]) -> Path:
    world.product(columns=columns).publish("t", ROWS.select(list(columns)))
    (file,) = (path for path in world.files() if path.suffix == ".parquet" and "orders" in path.parts)
    return file


def lose_digests(world: World) -> None:
    """As if an older release had written the files."""
    with world.mesh.record.transaction() as tx:
        tx.execute(DATA_FILES.delete())


@pytest.mark.parametrize("columns", [PLAIN, COLUMNS], ids=["plain", "encrypted"])
@settings(max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_flipped_bit_is_never_another_value(
    world: World, columns: dict[str, object], data: st.DataObject, request: pytest.FixtureRequest
) -> None:
    files = [path for path in world.files() if path.suffix == ".parquet" and "orders" in path.parts]
    file = files[0] if files else published(world, columns)
    content = file.read_bytes()
    at = data.draw(st.integers(0, len(content) - 1), label="byte")
    bit = data.draw(st.integers(0, 7), label="bit")
    file.write_bytes(content[:at] + bytes([content[at] ^ (1 << bit)]) + content[at + 1 :])
    try:
        for name in ("to_arrow", "filter", "sql"):
            with pytest.raises(StorageFailed, match=file.name):
                READS[name](world)
    finally:
        file.write_bytes(content)


@pytest.mark.parametrize("read", READS)
def test_every_reader_names_a_file_with_a_flipped_bit_and_reads_it_when_it_is_mended(world: World, read: str) -> None:
    file = published(world, COLUMNS)
    before = repr(READS[read](world))
    content = file.read_bytes()
    half = len(content) // 2
    file.write_bytes(content[:half] + bytes([content[half] ^ 4]) + content[half + 1 :])
    with pytest.raises(StorageFailed, match=file.name) as caught:
        READS[read](world)
    assert "restore a backup, or publish again" in str(caught.value.hint)
    file.write_bytes(content)
    assert repr(READS[read](world)) == before


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "without its last bytes": lambda content: content[:-10],
    "cut in half": lambda content: content[: len(content) // 2],
    "empty": lambda content: b"",
    "zeros": lambda content: bytes(len(content)),
    "garbage": lambda content: b"PAR1" + content[7:1000] + b"PAR1",
}


@pytest.mark.parametrize("old", [False, True], ids=["with a digest", "without one"])
@pytest.mark.parametrize("how", BROKEN)
def test_a_cut_file_is_an_error_that_names_it(world: World, how: str, old: bool) -> None:
    file = published(world, COLUMNS)
    if old:
        lose_digests(world)
    file.write_bytes(BROKEN[how](file.read_bytes()))
    for read in READS.values():
        with pytest.raises(StorageFailed, match=file.name):
            read(world)


@pytest.mark.parametrize("kind", ["gone", "a folder"])
def test_a_file_that_is_not_there(world: World, kind: str) -> None:
    file = published(world, PLAIN)
    file.unlink()
    if kind == "a folder":
        file.mkdir()
    for read in READS.values():
        with pytest.raises(StorageFailed, match=file.name):
            read(world)


def test_a_file_is_hashed_once_a_process_and_a_wrong_one_each_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = published(world, PLAIN)
    READS["count"](world)
    monkeypatch.setattr("data_platform.engine.digests.find_file_damage", lambda file: "was read again")
    READS["count"](world)
    READS["sql"](world)
    file.touch()
    for _ in range(2):
        with pytest.raises(StorageFailed, match="was read again"):
            READS["sql"](world)


@pytest.mark.parametrize("how", BROKEN)
def test_the_test_of_a_cut_foreign_file(world: World, tmp_path: Path, how: str) -> None:
    file = tmp_path / "foreign.parquet"
    pq.write_table(ROWS.select(list(PLAIN)), file)
    file.write_bytes(BROKEN[how](file.read_bytes()))
    world.product(columns=PLAIN)
    contract = load_product(world.root / "products" / "orders")
    with pytest.raises(UnreadableData, match=file.name):
        run_contract_test(RuleRunner(world.mesh.worker), NOON, ContractTest(contract, "t", str(file)))


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_the_test_of_a_foreign_file_with_a_flipped_bit_is_no_raw_error(
    world: World, tmp_path: Path, at: float, bit: int
) -> None:
    """It has no digest: values may differ, errors are ours."""
    file = tmp_path / "foreign.parquet"
    pq.write_table(ROWS.select(list(PLAIN)), file)
    content = bytearray(file.read_bytes())
    content[int(at * len(content))] ^= 1 << bit
    file.write_bytes(content)
    world.product(columns=PLAIN)
    contract = load_product(world.root / "products" / "orders")
    with contextlib.suppress(DataPlatformError):
        run_contract_test(RuleRunner(world.mesh.worker), NOON, ContractTest(contract, "t", str(file)))


def flip(file: Path) -> bytes:
    """Changes one byte in place, and returns what stood there before."""
    content = file.read_bytes()
    half = len(content) // 2
    file.write_bytes(content[:half] + bytes([content[half] ^ 4]) + content[half + 1 :])
    return content


def flip_unseen(file: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """The same, as a disk does that decays: size and times stay."""
    stamps = {str(file): digests.read_stamp(file)}
    content = flip(file)
    monkeypatch.setattr(
        "data_platform.verbs.operations.data_comparison.read_stamp", lambda path: stamps.get(str(path)) or ""
    )
    return content


HARMS: dict[str, Callable[[Path], object]] = {
    "flipped": flip,
    "cut": lambda file: file.write_bytes(file.read_bytes()[:-20]),
    "longer": lambda file: file.write_bytes(file.read_bytes() + b"x"),
    "gone": lambda file: file.unlink(),
}


@pytest.mark.parametrize("how", HARMS)
def test_a_file_that_changed_is_compared_at_once_by_doctor_tick_and_repair(world: World, how: str) -> None:
    product = world.product(columns=COLUMNS)
    product.publish("t", ROWS.select(list(COLUMNS)))
    first = {path for path in world.files() if path.suffix == ".parquet"}
    product.publish("t", ROWS.select(list(COLUMNS)))
    (file,) = {path for path in world.files() if path.suffix == ".parquet"} - first
    before = world.platform.examine()
    assert (before.damaged, before.data_files, before.read) == ((), 1, 0)
    content = file.read_bytes()
    HARMS[how](file)
    done = world.platform.examine()
    (damaged,) = done.damaged
    assert (damaged.path, damaged.version, damaged.is_data, damaged.whole) == (str(file), 2, True, 1)
    assert damaged.remedy == "restore a backup, or publish again; orders.t#1 is whole and can be read"
    assert done.read == 1
    ticked = world.platform.tick()
    assert [(incident.cause, file.name in incident.summary) for incident in ticked.opened] == [("data damaged", True)]
    assert [damaged.path for damaged in ticked.damaged] == [str(file)]
    repaired = world.platform.repair()
    assert [(damaged.path, damaged.whole) for damaged in repaired.lost] == [(str(file), 1)]
    assert (repaired.repaired, repaired.data_files) == ((), 2)
    assert world.platform.tick().opened == ()
    file.write_bytes(content)
    assert [incident.id for incident in world.platform.tick().resolved] == [ticked.opened[0].id]
    assert world.platform.examine().damaged == ()
    assert world.platform.repair().lost == ()


def test_no_version_is_called_whole_that_is_damaged_too(world: World) -> None:
    product = world.product(columns=PLAIN)
    for _ in range(3):
        product.publish("t", ROWS.select(list(PLAIN)))
    files = {int(info.version): info for info in world.platform.versions("orders", "t")}
    assert set(files) == {1, 2, 3}
    for path in world.files():
        if path.suffix == ".parquet":
            flip(path)
    assert {file.whole for file in world.platform.repair().lost} == {None}
    assert "#" not in world.platform.examine().damaged[0].remedy


@pytest.mark.parametrize("read", ["to_arrow", "filter", "sql"])
def test_after_a_read_that_failed_tick_opens_the_incident_of_damaged_data(
    world: World, read: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Although size and times say that nothing changed, and the day is not over."""
    file = published(world, PLAIN)
    flip_unseen(file, monkeypatch)
    assert world.platform.examine().damaged == ()
    assert world.platform.tick().opened == ()
    digests.clear_verified()
    with pytest.raises(StorageFailed) as caught:
        READS[read](world)
    assert "data-platform doctor" in str(caught.value.hint)
    assert [damaged.path for damaged in world.platform.examine().damaged] == [str(file)]
    assert "data damaged" in [incident.cause for incident in world.platform.tick().opened]
    assert [damaged.path for damaged in world.platform.examine().damaged] == [str(file)]


def test_an_older_version_of_which_a_read_failed_is_examined(world: World) -> None:
    product = world.product(columns=PLAIN)
    product.publish("t", ROWS.select(list(PLAIN)))
    (file,) = (path for path in world.files() if path.suffix == ".parquet")
    product.publish("t", ROWS.select(list(PLAIN)))
    flip(file)
    assert world.platform.examine().damaged == ()
    with pytest.raises(StorageFailed):
        world.platform.consume("orders", "t", version=1).to_arrow()
    done = world.platform.examine()
    assert [(damaged.version, damaged.path) for damaged in done.damaged] == [(1, str(file))]
    assert (done.examined, done.suspects) == (1, 1)


def test_a_tick_finds_damage_that_left_size_and_times_within_a_day(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = published(world, PLAIN)
    content = flip_unseen(file, monkeypatch)
    assert world.platform.tick().opened == ()
    world.clock.later(days=1)
    (opened,) = world.platform.tick().opened
    assert (opened.product, opened.cause) == ("orders", "data damaged")
    assert file.name in opened.summary
    file.write_bytes(content)
    world.clock.later(days=1)
    assert [incident.id for incident in world.platform.tick().resolved] == [opened.id]


def test_a_tick_reads_no_more_than_its_share(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    product = world.product(columns=IDS)
    for number in range(3):
        product.publish("t", [{"id": number}])
    world.clock.later(days=1)
    monkeypatch.setattr(data_checks, "_BYTES", 1)
    assert [data_checks.check_data_files(world.context) for _ in range(4)] == [1, 1, 1, 0]


@pytest.mark.parametrize("digests_are_recorded", [True, False])
def test_a_pipe_in_place_of_a_data_file_is_refused_by_reads_and_listed_as_damage(
    world: World, digests_are_recorded: bool
) -> None:
    path = published(world, PLAIN)
    path.unlink()
    os.mkfifo(path)
    if not digests_are_recorded:
        lose_digests(world)
    with pytest.raises(StorageFailed, match="no regular file"):
        world.platform.consume("orders", "t").to_arrow()
    (damaged,) = world.platform.examine(9).damaged
    assert damaged.is_data
    (lost,) = world.platform.repair().lost
    assert lost.is_data
