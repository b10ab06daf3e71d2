"""Denials and sign-ins have entries in the audit log: what, who and why, no secret, and never too many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from data_platform import DataQualityError, Platform
from data_platform.errors import AccessDenied, NotAuthenticated, NotFound, RecordFailed
from data_platform.platform import InProcess
from data_platform.settings import Principal
from data_platform.verbs.core.attachments import Attachments
from data_platform.verbs.core.context import SERVER_DOOR, Caller
from data_platform.verbs.core.entry_limit import MOST_IN_WINDOW
from data_platform.verbs.events import bounded
from data_platform.verbs.identity.authenticate import authenticate_token
from data_platform.verbs.identity.login_tokens import create_login_token
from data_platform.verbs.identity.provider_accounts import ProviderAccount, admit_person
from data_platform.verbs.identity.sessions import create_link_code, create_session, end_session, take_code
from data_platform.verbs.lifecycle.archive import Archive
from tests.meshes import IDS, ROWS, World

OWNER = Principal("ana@x", local=True)


def sign_in(world: World, name: str, role: str, **options: Any) -> Platform:
    who = authenticate_token(world.mesh, Platform(InProcess(world.mesh)).create_token(name, role, **options).token)
    assert who is not None
    return Platform(InProcess(world.mesh, caller=Caller(who, SERVER_DOOR)))


def list_entries(world: World, act: str) -> list[dict[str, Any]]:
    """The entries of an act, oldest first, with who did it."""
    root = Platform(InProcess(world.mesh))
    assert root.verify_audit().ok
    return [{**entry.details, "by": entry.by, "subject": entry.subject} for entry in reversed(root.audit_log(act=act))]


@pytest.fixture
def orders(world: World) -> World:
    world.product(columns=IDS).publish("t", ROWS)
    return world


ASKS: dict[str, tuple[Callable[[Platform], Any], str, str]] = {
    "by role": (lambda mesh: mesh.archive("orders"), "archive", "orders"),
    "by role, of what is not there": (lambda mesh: mesh.archive("nothing"), "archive", "nothing"),
    "of a row": (lambda mesh: mesh.resolve_incident(1), "respond", "the mesh"),
    "of the mesh": (lambda mesh: mesh.audit_log(), "audit", "audit log"),
}


@pytest.mark.parametrize(("ask", "action", "resource"), ASKS.values(), ids=ASKS)
def test_a_denial_says_what_was_asked_and_why(
    orders: World, ask: Callable[[Platform], Any], action: str, resource: str
) -> None:
    with pytest.raises(AccessDenied) as denied:
        ask(sign_in(orders, "eve", "consumer"))
    (entry,) = list_entries(orders, "denial")
    assert entry["by"] == "eve"
    assert (entry["subject"], entry["action"]) == ("principal:eve", action)
    assert entry["resource"] == resource.removeprefix("the ")
    assert entry["reason"] == denied.value.message


def test_a_table_of_a_query_that_is_denied_is_named(orders: World) -> None:
    crm = sign_in(orders, "etl", "consumer", domains=["crm"])
    with pytest.raises(NotFound):
        crm.sql("SELECT * FROM orders.t")
    (entry,) = list_entries(orders, "denial")
    assert (entry["action"], entry["resource"]) == ("consume", "orders.t")
    assert entry["reason"] == "answered as unknown: the token is only for the domains: crm"


@pytest.mark.parametrize(
    ("ask", "scope", "reason"),
    [
        (lambda mesh: mesh.show("orders"), ["crm"], "the token is only for the domains: crm"),
        (lambda mesh: mesh.incident(1), ["crm"], "the product is none that the caller finds"),
        (lambda mesh: mesh.sql("SELECT * FROM orders"), ["crm"], "the product is none that the caller finds"),
        (lambda mesh: mesh.show("hidden"), None, "visibility restricted (product.yaml:"),
        (lambda mesh: mesh.retire("hidden"), None, "the product is hidden from who may not read it"),
    ],
)
def test_a_product_that_is_answered_as_unknown_has_the_reason_in_the_entry_alone(
    orders: World, ask: Callable[[Platform], Any], scope: list[str] | None, reason: str
) -> None:
    access = "access: {visibility: restricted, discoverable: false}"
    orders.product("hidden", IDS, more=access).publish("t", ROWS)
    rule = "quality_rules:\n- {rule: none, sql: SELECT COUNT(*) FROM t, threshold: 0}"
    with pytest.raises(DataQualityError):
        orders.product(columns=IDS, output=rule).publish("t", ROWS)
    with pytest.raises(NotFound) as error:
        ask(sign_in(orders, "etl", "owner", domains=scope))
    (entry,) = list_entries(orders, "denial")
    assert entry["reason"].startswith(f"answered as unknown: {reason}")
    assert reason not in error.value.message


def test_who_opened_the_home_leaves_no_denial(orders: World) -> None:
    with pytest.raises(AccessDenied):
        orders.become("eve@x").transfer("orders", "bea@x")
    assert list_entries(orders, "denial") == [], "nobody has verified the name"


def test_a_thousand_denials_are_few_entries(orders: World) -> None:
    eve = sign_in(orders, "eve", "consumer")
    for number in range(300):
        with pytest.raises(AccessDenied):
            eve.archive("orders" if number % 2 else f"product-{number}")
    assert len(list_entries(orders, "denial")) == MOST_IN_WINDOW
    orders.clock.later(minutes=1)
    with pytest.raises(AccessDenied):
        eve.archive("orders")
    last = list_entries(orders, "denial")[-1]
    assert (last["count"], last["others"]) == (150, 300 - 150 - (MOST_IN_WINDOW - 1))


def test_an_entry_is_short_however_long_the_name_is(orders: World) -> None:
    with pytest.raises(AccessDenied):
        sign_in(orders, "eve", "consumer").archive("x" * 9000)
    (entry,) = list_entries(orders, "denial")
    assert len(entry["resource"]) == len(entry["reason"]) == 300


def test_a_denial_settles_no_idempotency_key(orders: World) -> None:
    eve = sign_in(orders, "eve", "consumer")
    for _ in range(2):
        with pytest.raises(AccessDenied):
            eve._transport.call(Archive("orders"), Attachments(idempotency_key="k" * 20))
    assert orders.platform.show("orders").archived_at is None


def test_a_record_that_cannot_be_written_denies_all_the_same(orders: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise RecordFailed("the disk is full")

    eve = sign_in(orders, "eve", "consumer")
    monkeypatch.setattr(bounded, "record_outcomes", fail)
    with pytest.raises(AccessDenied):
        eve.archive("orders")


def test_a_session_has_its_beginning_and_its_end(world: World) -> None:
    name = take_code(world.mesh, create_link_code(world.mesh, OWNER), None)
    end_session(world.mesh, create_session(world.mesh, name, local=True))
    end_session(world.mesh, "no session")
    entries = [(entry["did"], entry.get("how"), entry["by"]) for entry in list_entries(world, "signin")]
    assert entries == [("signed in", "link", "ana@x"), ("signed out", None, "ana@x")]


def test_a_login_of_a_command_is_a_sign_in_and_one_of_who_is_gone_a_failed_one(world: World) -> None:
    world.platform.create_token("bea@x", "consumer", kind="person")
    create_login_token(world.mesh, "bea@x")
    world.platform.disable_principal("bea@x")
    with pytest.raises(NotAuthenticated):
        create_login_token(world.mesh, "bea@x")
    entries = [(entry["did"], entry["how"], entry["subject"]) for entry in list_entries(world, "signin")]
    assert entries == [("signed in", "command", "principal:bea@x"), ("failed", "command", "principal:bea@x")]


def test_a_token_that_has_ended_is_a_failed_sign_in_of_its_principal_without_the_token(world: World) -> None:
    created = world.platform.create_token("etl", "consumer")
    world.platform.revoke_token(created.id)
    for _ in range(50):
        assert authenticate_token(world.mesh, created.token) is None
    assert authenticate_token(world.mesh, "dpt_unknown") is None
    (entry,) = list_entries(world, "signin")
    assert (entry["did"], entry["how"], entry["subject"]) == ("failed", "token", "principal:etl")
    assert created.token not in str(entry) and created.token[:10] not in str(entry)


def test_a_person_whom_the_provider_knows_and_the_mesh_does_not_admit(world: World) -> None:
    account = ProviderAccount("https://login.x", "1", "bea@x", frozenset(), frozenset())
    admit_person(world.mesh, account)
    world.platform.disable_principal("bea@x")
    with pytest.raises(AccessDenied):
        admit_person(world.mesh, account)
    (entry,) = list_entries(world, "signin")
    assert (entry["did"], entry["how"], entry["reason"]) == ("failed", "provider", "bea@x is disabled")


def test_a_code_that_has_expired_is_a_failed_sign_in(world: World) -> None:
    code = create_link_code(world.mesh, OWNER)
    world.clock.later(hours=1)
    with pytest.raises(NotAuthenticated):
        take_code(world.mesh, code, None)
    (entry,) = list_entries(world, "signin")
    assert (entry["did"], entry["how"], entry["by"]) == ("failed", "link", "ana@x")
    assert code not in str(entry)
