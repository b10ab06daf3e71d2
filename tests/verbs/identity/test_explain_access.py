"""access explain: what a principal sees, which lines decide, and what is missing; who may ask."""

from __future__ import annotations

from dataclasses import replace

import pytest

from data_platform.errors import AccessDenied, BadInput, NotFound, Refused
from data_platform.platform import InProcess
from data_platform.settings import Principal
from data_platform.settings.server_variables import PURPOSE_HEADER, PURPOSE_VARIABLE
from data_platform.verbs.identity.authenticate import authenticate_token
from tests.meshes import World

COLUMNS = {"id": {"type": "integer"}, "email": {"type": "string"}, "region": {"type": "string"}}
ACCESS = """\
access:
  visibility: restricted
  discoverable: {discoverable}
  readers:
    - teams: [analytics]
      rows: region = principal.region
    - {{principals: [mal], deny: true}}
    - {{principals: [pia], purposes: [fraud]}}
  masks: {{email: partial}}
  approvers: [office]
pii_columns: [email]"""
PURPOSE_HINT = f"name it in the variable {PURPOSE_VARIABLE}, over HTTP in the header {PURPOSE_HEADER}"


@pytest.fixture
def mesh(world: World) -> World:
    world.product(columns=COLUMNS, more=ACCESS.format(discoverable="true"), owner="shop").register()
    root = world.platform
    for name, role in (
        ("eve", "consumer"),
        ("mal", "consumer"),
        ("pia", "consumer"),
        ("shop", "owner"),
        ("gov", "governor"),
    ):
        root.create_token(name, role)
    root.create_team("analytics", ["eve"])
    root.set_attributes("eve", ["region=EU"])
    return world


def become(world: World, name: str, role: str) -> None:
    world.act_as(Principal("root", local=True))
    principal = authenticate_token(world.mesh, world.platform.create_token(name, role).token)
    assert principal is not None
    world.act_as(principal)


def test_the_lines_that_decided_and_what_is_seen_are_named(mesh: World) -> None:
    (output,) = mesh.platform.explain_access("eve", "orders.t").outputs
    assert output.allowed
    assert output.reason == "product.yaml:11 allows it"
    assert output.lines == ("product.yaml:11: teams analytics: columns non_personal, rows region = principal.region",)
    assert output.columns == ("id", "region")
    assert output.masks == {"email": "partial"}
    assert output.rows == "region = 'EU'"
    assert "a governor approves the personal columns: email" in output.missing
    assert "the owner shop or office approves" in output.missing[0]


def test_a_column_that_is_masked_on_some_rows_says_where_it_is_clear(mesh: World) -> None:
    mesh.act_as(Principal("root", local=True))
    more = (
        ACCESS.format(discoverable="true")
        .replace("restricted", "internal")
        .replace("      rows:", "      columns: all\n      rows:")
    )
    mesh.product(columns=COLUMNS, more=more, owner="shop").register()
    (output,) = mesh.platform.explain_access("eve", "orders.t").outputs
    assert (output.columns, output.masks, output.rows) == (("id", "region"), {"email": "partial"}, None)
    assert output.clear_rows == {"email": "region = 'EU'"}
    assert output.missing[1:] == ("a governor approves the personal columns: email",)
    (other,) = mesh.platform.explain_access("pia", "orders.t").outputs
    assert (other.masks, other.clear_rows) == ({"email": "partial"}, {})


def test_a_condition_on_an_erased_column_opens_nothing(mesh: World) -> None:
    mesh.act_as(Principal("root", local=True))
    access = "access: {readers: [{principals: [eve], columns: all, rows: age > 50}]}\npii_columns: [email, age]"
    mesh.product(columns=COLUMNS | {"age": {"type": "integer"}}, more=access, owner="shop").publish(
        "t", [{"id": 1, "email": "a@b.example", "region": "EU", "age": 51}]
    )
    (before,) = mesh.platform.explain_access("eve", "orders.t").outputs
    assert before.clear_rows == {"email": "age > 50", "age": "age > 50"}
    mesh.platform.erase_key("orders", "t", "age", confirm="orders.t.age")
    (output,) = mesh.platform.explain_access("eve", "orders.t").outputs
    assert (output.columns, output.clear_rows, output.erased) == (("id", "region"), {}, ("age",))
    assert output.masks.keys() == {"email", "age"}


def test_a_denial_says_what_denied_and_who_could_open_it(mesh: World) -> None:
    (denied,) = mesh.platform.explain_access("mal", "orders").outputs
    assert denied.missing == ()  # no grant overrides a line that denies
    assert (denied.allowed, denied.reason) == (False, "product.yaml:13 denies it")
    assert denied.columns == () and denied.masks == {} and denied.rows is None
    mesh.platform.remove_member("analytics", "eve")
    (missing,) = mesh.platform.explain_access("eve", "orders").outputs
    assert missing.reason.startswith("visibility restricted (product.yaml:8)")
    assert missing.missing[1:] == ("a governor approves the personal columns: email",)
    mesh.platform.disable_principal("eve")
    mesh.platform.add_member("analytics", "eve")
    assert mesh.platform.explain_access("eve", "orders").outputs[0].reason == "disabled denies it"


def test_the_purpose_that_the_client_names_counts(mesh: World) -> None:
    (denied,) = mesh.platform.explain_access("pia", "orders.t").outputs
    assert denied.reason.endswith(f"it is open for the purposes fraud: {PURPOSE_HINT}")
    mesh.transport.caller = replace(mesh.transport.caller, purpose="fraud")
    explained = mesh.platform.explain_access("pia", "orders.t")
    assert (explained.purpose, explained.outputs[0].allowed) == ("fraud", True)
    assert not mesh.platform.explain_access("pia", "orders.t", purpose="sport").outputs[0].allowed


def test_a_purpose_that_opens_what_is_masked_is_named(mesh: World) -> None:
    access = "access: {readers: [{purposes: [fraud], columns: all}]}\npii_columns: [email]"
    mesh.product(columns=COLUMNS, more=access, owner="shop").register()
    (output,) = mesh.platform.explain_access("pia", "orders.t").outputs
    assert output.masks == {"email": "redact"}
    assert output.missing[0] == f"the purpose fraud opens email: {PURPOSE_HINT}"
    (opened,) = mesh.platform.explain_access("pia", "orders.t", purpose="fraud").outputs
    assert (opened.masks, opened.missing) == ({}, ())


def test_a_process_names_its_purpose_by_a_variable(mesh: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_PLATFORM_PURPOSE", "fraud")
    assert InProcess(mesh.mesh).caller.purpose == "fraud"
    monkeypatch.setenv("DATA_PLATFORM_PURPOSE", "caf\udce9")
    with pytest.raises(BadInput, match="DATA_PLATFORM_PURPOSE is not UTF-8"):
        InProcess(mesh.mesh)


def test_who_is_denied_is_not_invited_to_request(mesh: World) -> None:
    become(mesh, "mal", "consumer")
    with pytest.raises(AccessDenied) as denied:
        mesh.platform.consume("orders", "t")
    assert denied.value.hint is None
    for act in (
        lambda: mesh.platform.request_access(["orders.t"], "churn"),
        lambda: mesh.platform.break_glass("orders.t", reason="fire"),
    ):
        with pytest.raises(Refused, match=r"no grant changes that: product\.yaml:13 denies it"):
            act()
    assert mesh.platform.own_access_requests() == []


@pytest.mark.parametrize(("name", "role"), [("shop", "owner"), ("gov", "governor"), ("eve", "consumer")])
def test_the_principal_itself_the_owner_and_governors_may_ask(mesh: World, name: str, role: str) -> None:
    become(mesh, name, role)
    assert mesh.platform.explain_access("eve", "orders", "t").outputs[0].allowed


def test_others_may_not_ask(mesh: World) -> None:
    become(mesh, "mal", "consumer")
    with pytest.raises(AccessDenied):
        mesh.platform.explain_access("eve", "orders")
    assert not mesh.platform.explain_access("mal", "orders").outputs[0].allowed


def test_a_hidden_product_is_unknown_to_who_asks_about_itself(world: World) -> None:
    world.product(columns=COLUMNS, more=ACCESS.format(discoverable="false"), owner="shop").register()
    become(world, "zoe", "consumer")
    for product in ("orders", "nothing"):
        with pytest.raises(NotFound, match=f"no product {product} is registered"):
            world.platform.explain_access("zoe", product)


def test_a_principal_that_is_not_there_is_not_found(mesh: World) -> None:
    with pytest.raises(NotFound):
        mesh.platform.explain_access("nobody", "orders")
