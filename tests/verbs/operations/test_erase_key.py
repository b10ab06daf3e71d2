"""Erasing the key of a column erases that column, in every version until then, and nothing else."""

from __future__ import annotations

import json
import re
from functools import partial
from itertools import count

import pytest

from data_platform import DataProduct, FrameError, Platform
from data_platform.errors import BadInput, DataPlatformError, NotFound, StorageFailed
from data_platform.keys.local_ring import LocalKeyring
from data_platform.keys.states import KeyState
from data_platform.record.operations import events, key_erasures, usage
from data_platform.verbs.results import ErasedColumn
from tests.keys.kills import is_killed_at
from tests.meshes import IDS, NOON, World

ROWS = [{"id": 1, "email": "ann@example.org", "phone": "1"}, {"id": 2, "email": None, "phone": "2"}]
NAME = "orders.t.email"
ERASED = "the data is erased since 2026-11-23 12:00 UTC by ana@x"


def make_orders(world: World) -> DataProduct:
    return world.product(more="pii_columns: [email, phone]")


@pytest.fixture
def orders(world: World) -> DataProduct:
    """`orders.t` with two encrypted columns."""
    world.become("ana@x")
    product = make_orders(world)
    product.publish("t", ROWS)
    return product


@pytest.fixture
def erased(world: World, orders: DataProduct) -> World:
    """`orders.t`, its `email` erased."""
    world.platform.erase_key("orders", "t", "email", confirm=NAME)
    return world


@pytest.mark.long
def test_an_erasure_says_what_became_unreadable(world: World, orders: DataProduct) -> None:
    orders.publish("t", ROWS[:1])
    done = world.platform.erase_key("orders", "t", "email", confirm=NAME)
    assert (done.name, done.versions, done.rows, done.copies) == (NAME, 2, 3, ())
    (column,) = done.columns
    assert (column.output, column.column, column.version, column.erased_by) == ("t", "email", 2, "ana@x")
    again = world.platform.erase_key("orders", "t", "email", confirm=NAME)
    assert (again.columns, again.versions, again.rows) == (done.columns, 0, 0)


def test_the_other_columns_stay_readable_in_clear(erased: World) -> None:
    frame = erased.platform.consume("orders", "t").select("id", "phone")
    assert sorted(tuple(row) for row in frame.collect()) == [(1, "1"), (2, "2")]


def test_the_erased_column_cannot_be_read(erased: World) -> None:
    frame = erased.platform.consume("orders", "t")
    with pytest.raises(FrameError, match=f"no key to read the encrypted email: {ERASED}"):
        frame.collect()
    with pytest.raises(DataPlatformError, match=f"orders.t: the encrypted email cannot be read: {ERASED}"):
        erased.platform.sql("SELECT email FROM orders.t").collect()
    assert len(erased.platform.consume("orders", "t", mask=True).collect()) == 2


@pytest.mark.parametrize("whole", ["orders", "orders.t"])
def test_a_whole_output_or_product_is_erased_with_all_its_columns(
    world: World, orders: DataProduct, whole: str
) -> None:
    world.product("stock", more="pii_columns: [email]").publish("t", ROWS)
    done = world.platform.erase_key(*whole.split("."), confirm=whole)
    assert [column.column for column in done.columns] == ["email", "phone"]
    with pytest.raises(FrameError, match="encrypted email, phone: the data is erased"):
        world.platform.consume("orders", "t").collect()
    assert world.platform.consume("orders", "t").select("id").count() == 2
    assert len(world.platform.consume("stock", "t").collect()) == 2


@pytest.mark.parametrize("confirm", ["", "orders.t", "orders.t.emai", "orders.t.email ", "ORDERS.T.EMAIL", "yes"])
def test_only_the_exact_name_confirms_an_erasure(world: World, orders: DataProduct, confirm: str) -> None:
    with pytest.raises(BadInput, match="is not confirmed") as caught:
        world.platform.erase_key("orders", "t", "email", confirm=confirm)
    assert caught.value.hint == f"confirm it with the exact name: {NAME}"
    assert world.platform.consume("orders", "t").count() == 2
    assert [entry.act for entry in world.platform.audit_log(act="erase")] == []


def test_a_former_name_of_the_product_confirms_nothing(world: World, orders: DataProduct) -> None:
    world.platform.rename("orders", "receipts")
    with pytest.raises(BadInput, match=r"erasure of receipts\.t\.email is not confirmed"):
        world.platform.erase_key("orders", "t", "email", confirm=NAME)
    world.platform.erase_key("orders", "t", "email", confirm="receipts.t.email")
    with pytest.raises(FrameError, match=ERASED):
        world.platform.consume("receipts", "t").collect()


@pytest.mark.parametrize("name", ["orders.u", "orders.t.id", "orders.t.nothing", "stock"])
def test_what_has_no_key_cannot_be_erased(world: World, orders: DataProduct, name: str) -> None:
    with pytest.raises(NotFound):
        world.platform.erase_key(*name.split("."), confirm=name)


def test_a_version_encrypted_by_an_erased_key_stays_erased_when_there_is_a_new_one(erased: World) -> None:
    make_orders(erased).publish("t", ROWS)
    with pytest.raises(FrameError, match=f"no key to read the encrypted email: {ERASED}"):
        erased.platform.consume("orders", "t", version=1).collect()
    with pytest.raises(DataPlatformError, match=f"cannot be read: {ERASED}"):
        erased.platform.sql('SELECT email FROM "orders"."t#1"').collect()


def test_each_version_is_erased_since_the_erasure_of_its_own_key(erased: World) -> None:
    erased.clock.later(days=1)
    make_orders(erased).publish("t", ROWS)
    erased.become("bea@x")
    assert erased.platform.erase_key("orders", "t", "email", confirm=NAME).versions == 1
    make_orders(erased).publish("t", ROWS)
    with pytest.raises(FrameError, match=ERASED):
        erased.platform.consume("orders", "t", version=1).collect()
    with pytest.raises(FrameError, match="erased since 2026-11-24 12:00 UTC by bea@x"):
        erased.platform.consume("orders", "t", version=2).collect()
    assert len(erased.platform.consume("orders", "t").collect()) == 2


def test_reading_what_is_erased_is_no_failure_of_the_product(erased: World) -> None:
    make_orders(erased).publish("t", ROWS)
    for _ in range(2):
        with pytest.raises(FrameError):
            erased.platform.consume("orders", "t", version=1).collect()
    with erased.mesh.record.reading() as conn:
        assert [read.error for read in usage.list_reads(conn, "orders")] == [None, None]


def test_the_next_version_is_encrypted_with_a_new_key(erased: World) -> None:
    make_orders(erased).publish("t", ROWS)
    assert erased.platform.consume("orders", "t").count() == 2
    assert "ann@example.org" in {row.email for row in erased.platform.consume("orders", "t").collect()}
    assert erased.platform.examine().unreadable == ()


def test_an_open_frame_ends_at_its_next_read(world: World, orders: DataProduct) -> None:
    frame = world.platform.consume("orders", "t")
    emails = frame.select("email")
    assert emails.count() == 2
    assert len(emails.collect()) == 2
    with Platform.open(world.home) as other:
        other.erase_key("orders", "t", "email", confirm=NAME)
    for late in (frame, emails, frame.filter("email IS NOT NULL")):
        with pytest.raises(FrameError, match="no key to read the encrypted email: the data is erased since"):
            late.collect()
    assert len(frame.select("id", "phone").collect()) == 2


def test_an_erasure_is_audited_and_an_event(erased: World) -> None:
    (entry,) = erased.platform.audit_log(act="erase")
    assert (entry.by, entry.subject) == ("ana@x", "orders.t")
    assert entry.details == {"columns": ["t.email"], "keys": ["orders/t/email"], "versions": [1]}
    with erased.mesh.record.reading() as conn:
        assert [event.by for event in events.list_after(conn) if event.kind == "keys_erased"] == ["ana@x"]
    assert erased.platform.verify_audit().ok


def test_show_versions_quality_and_lineage_say_what_is_erased(erased: World) -> None:
    erased.clock.later(hours=1)
    column = ErasedColumn("t", "email", 1, NOON, "ana@x")
    assert erased.platform.quality_metrics("orders").erased == (column,)
    assert erased.platform.quality_metrics("orders", "t").erased == (column,)
    assert erased.platform.lineage("orders").erased == (column,)
    (output,) = erased.platform.show("orders").outputs
    assert {info.name: info.erased_by for info in output.columns} == {"id": None, "email": "ana@x", "phone": None}
    make_orders(erased).publish("t", ROWS)
    (output,) = erased.platform.show("orders").outputs
    assert {info.erased_at for info in output.columns} == {None}
    second, first = erased.platform.versions("orders", "t")
    assert [info.erased_at for info in second.schema] == [None, None, None]
    assert {info.name: info.erased_at for info in first.schema} == {"id": None, "email": NOON, "phone": None}
    assert erased.platform.quality_metrics("orders").erased == (column,)


def test_copies_in_other_products_are_named(world: World, orders: DataProduct) -> None:
    frame = world.platform.consume("orders", "t").select("id", "email")
    world.product("letters", more="pii_columns: [email]").publish("t", frame)
    done = world.platform.erase_key("orders", "t", "email", confirm=NAME)
    assert done.copies == ("letters.t",)
    assert len(world.platform.consume("letters", "t").collect()) == 2


def test_a_publish_that_an_erasure_overtakes_publishes_nothing(world: World, orders: DataProduct) -> None:
    def erase_at(step: str, *_: object) -> None:
        if step == "audited":
            with Platform.open(world.home) as other:
                other.erase_key("orders", "t", "email", confirm=NAME)

    with pytest.raises(StorageFailed, match="a key of its encrypted columns was erased while the publish ran"):
        orders.publish("t", ROWS, watch=erase_at)
    assert world.numbers() == [1]
    assert orders.publish("t", ROWS).version == 2
    assert len(world.platform.consume("orders", "t").collect()) == 2


def test_majors_are_erased_one_by_one(world: World) -> None:
    people = IDS | {"email": {"type": "string", "tags": ["pii"]}}
    for version, columns in (("1.0.0", people), ("2.0.0", people | {"name": {"type": "string", "tags": ["pii"]}})):
        world.product(columns=columns, more=f"version: {version}").publish(
            "t", [dict.fromkeys(columns, None) | {"id": 1}]
        )
    with pytest.raises(BadInput, match=r"orders\.t has 2 majors with keys") as caught:
        world.platform.erase_key("orders", "t", "email", confirm=NAME)
    assert caught.value.hint == "name one: orders.t@1, orders.t@2"
    done = world.platform.erase_key("orders", "t@1", "email", confirm="orders.t@1.email")
    assert [column.output for column in done.columns] == ["t@1"]
    assert len(world.platform.consume("orders", "t@2").collect()) == 1


def test_an_interrupted_erasure_is_recorded_and_completed(
    world: World, orders: DataProduct, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("data_platform.verbs.operations.erase_key.finish_erasures", lambda *_: None)
        world.platform.erase_key("orders", "t", "email", confirm=NAME)
    with pytest.raises(FrameError, match=ERASED):
        world.platform.consume("orders", "t").collect()
    assert world.mesh.keyring.describe(["orders/t/email"])["orders/t/email"].state is KeyState.PRESENT
    assert [key.state for key in world.platform.list_keys("orders", column="email")] == ["erased"]
    world.platform.tick()
    assert world.mesh.keyring.describe(["orders/t/email"])["orders/t/email"].state is KeyState.ERASED
    with world.mesh.record.reading() as conn:
        assert key_erasures.list_unfinished(conn) == ()


@pytest.mark.parametrize("completes", ["erase", "publish", "rotate"])
def test_whatever_needs_the_keys_completes_an_interrupted_erasure(
    world: World, orders: DataProduct, monkeypatch: pytest.MonkeyPatch, completes: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("data_platform.verbs.operations.erase_key.finish_erasures", lambda *_: None)
        world.platform.erase_key("orders", "t", "email", confirm=NAME)
    old = world.mesh.keyring.describe(["orders/t/email"])["orders/t/email"].uid
    if completes == "erase":
        world.platform.erase_key("orders", "t", "email", confirm=NAME)
    elif completes == "publish":
        orders.publish("t", ROWS)
        assert len(world.platform.consume("orders", "t").collect()) == 2
    else:
        world.platform.rotate_keys()
    assert world.mesh.keyring.describe(["orders/t/email"])["orders/t/email"].uid != old
    assert [entry.act for entry in world.platform.audit_log(act="erase")] == ["erase"]
    with pytest.raises(FrameError, match=ERASED):
        world.platform.consume("orders", "t", version=1).collect()


@pytest.mark.long
@pytest.mark.parametrize("removes", ["publish", "erase", "rotate"])
def test_an_erased_key_that_a_backup_brings_back_opens_nothing(world: World, orders: DataProduct, removes: str) -> None:
    path = next(path for path in (world.home / "keys").glob("*.key") if b"orders/t/email" in path.read_bytes())
    kept = path.read_bytes()
    world.platform.erase_key("orders", "t", "email", confirm=NAME)
    path.write_bytes(kept)
    with pytest.raises(FrameError, match=ERASED):
        world.platform.consume("orders", "t").collect()
    assert [key.state for key in world.platform.list_keys("orders", column="email")] == ["erased"]
    if removes == "publish":
        orders.publish("t", ROWS)
        assert len(world.platform.consume("orders", "t").collect()) == 2
    elif removes == "erase":
        assert world.platform.erase_key("orders", "t", "email", confirm=NAME).versions == 0
    else:
        world.platform.rotate_keys()
    assert json.loads(path.read_bytes()).get("wrapped") != json.loads(kept)["wrapped"]
    with pytest.raises(FrameError, match=ERASED):
        world.platform.consume("orders", "t", version=1).collect()


@pytest.mark.long
def test_an_erasure_that_failed_is_completed_when_its_key_is_where_it_belongs(
    world: World, orders: DataProduct
) -> None:
    path = LocalKeyring(world.home / "keys")._build_path("orders/t/email")
    content = path.read_bytes()
    path.unlink()
    path.mkdir()
    with pytest.raises(StorageFailed, match="cannot erase a key"):
        world.platform.erase_key("orders", "t", "email", confirm=NAME)
    with pytest.raises(FrameError, match=ERASED):
        world.platform.consume("orders", "t").collect()
    path.rmdir()
    path.write_bytes(content)
    path.chmod(0o600)
    world.platform.tick()
    assert world.mesh.keyring.describe(["orders/t/email"])["orders/t/email"].state is KeyState.ERASED


@pytest.mark.long
def test_an_erasure_that_is_killed_anywhere_is_completed_by_the_next_one(world: World, orders: DataProduct) -> None:
    def erase() -> None:
        with Platform.open(world.home) as platform:
            platform.erase_key("orders", "t", "email", confirm=NAME)

    for number in count(1):
        orders.publish("t", ROWS)
        keyring, newest = world.mesh.keyring, world.numbers()[-1]
        killed = is_killed_at(number, partial(erase))
        with world.mesh.record.reading() as conn:
            rows = key_erasures.list_by_keys(conn, ["orders/t/email"])
        recorded = any(row.version == newest for row in rows)
        state = keyring.describe(["orders/t/email"])["orders/t/email"].state
        assert recorded or state is KeyState.PRESENT
        if recorded:
            with pytest.raises(FrameError, match="the data is erased"):
                world.platform.consume("orders", "t").collect()
        else:
            assert len(world.platform.consume("orders", "t").collect()) == 2
        erase()
        assert keyring.describe(["orders/t/email"])["orders/t/email"].state is KeyState.ERASED
        assert len(world.platform.audit_log(act="erase", limit=1000)) == number
        if not killed:
            break
    assert number > 4


def test_a_record_that_is_rebuilt_still_says_erased(erased: World) -> None:
    make_orders(erased).publish("t", ROWS)
    with erased.mesh.record.transaction() as tx:
        tx.exec_driver_sql("DELETE FROM key_erasures")
    with pytest.raises(FrameError, match=ERASED):
        erased.platform.consume("orders", "t", version=1).collect()
    assert len(erased.platform.consume("orders", "t").collect()) == 2


def test_no_answer_no_entry_and_no_error_holds_a_key(world: World, orders: DataProduct) -> None:
    keys = world.mesh.keyring.fetch(["orders/t", "orders/t/email", "orders/t/phone"]).values()
    texts = [repr(world.platform.list_keys()), repr(world.mesh), repr(world.platform.rotate_keys())]
    texts.append(repr(world.platform.erase_key("orders", "t", "email", confirm=NAME)))
    with pytest.raises(FrameError) as caught:
        world.platform.consume("orders", "t").collect()
    texts += [repr(caught.value), str(caught.value)]
    texts += [json.dumps(entry.details) for entry in world.platform.audit_log(limit=100)]
    wrapped = re.findall(
        r'"wrapped": "([^"]+)"', "".join(p.read_text() for p in (world.home / "keys").glob("*.key") if p.name[0] != "m")
    )
    assert len(wrapped) == 2
    for text in texts:
        assert not any(key.hex() in text or repr(key)[2:-1] in text for key in keys)
        assert not any(word in text for word in wrapped)
