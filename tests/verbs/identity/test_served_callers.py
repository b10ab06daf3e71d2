"""Callers with tokens on one mesh: who may write, what becomes theirs, and what they see of personal data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from data_platform import DataProduct, Platform
from data_platform.errors import AccessDenied, BadInput, NotFound, Refused
from data_platform.platform import InProcess
from data_platform.settings import Environment
from data_platform.verbs.core.attachments import Attachments
from data_platform.verbs.core.context import Caller, Context
from data_platform.verbs.identity.authenticate import authenticate_token
from data_platform.verbs.lifecycle.archive import RetireProduct
from data_platform.verbs.lifecycle.deprecate import Retire
from data_platform.verbs.publishing.publish import Publish
from data_platform.verbs.runs.execution import StartRun
from tests.meshes import IDS, NOON, ROWS, World
from tests.verbs.test_statements import recorded_statements

PEOPLE = {**IDS, "email": {"type": "string"}}
RETENTION = """
policies:
  - name: retention
    rule: {type: metadata-check, condition: ASSERT product.retention_days IS NOT NULL}
    enforcement: warning
domain_policies:
  sales:
    - name: tagged
      enforcement: warning
      rule: {type: metadata-check, condition: ASSERT product.description IS NOT NULL}
"""


def sign_in(world: World, name: str, role: str, **options: str) -> Platform:
    """The mesh as a caller with a new token sees it."""
    who = authenticate_token(world.mesh, world.platform.create_token(name, role, **options).token)  # type: ignore[arg-type]
    assert who is not None
    return Platform(InProcess(world.mesh, caller=Caller(who)))


def product_of(
    world: World, caller: Platform, name: str = "orders", owner: str = "shop", more: str = ""
) -> DataProduct:
    """A product as that caller would register it."""
    return DataProduct(world.product(name, PEOPLE, owner=owner, more=more).file.path, caller)


def test_an_owner_registers_and_publishes_what_is_of_its_team(world: World) -> None:
    shop, crm = sign_in(world, "loader", "owner", team="shop"), sign_in(world, "etl", "owner", team="crm")
    product_of(world, shop).publish("t", [{"id": 1, "email": "a@b"}])
    with pytest.raises(AccessDenied, match=r"etl may not publish orders\.t: the rule 'publish'.*the owner is shop"):
        product_of(world, crm).publish("t", [{"id": 2, "email": "a@b"}])
    with pytest.raises(AccessDenied, match="etl may not register bills"):
        product_of(world, crm, "bills", "shop").register()
    (entry,) = world.platform.audit_log("orders", act="publish")
    assert (entry.by, entry.verified) == ("loader", True)


def test_a_publish_into_a_product_of_ones_own_registers_no_file_of_another(world: World) -> None:
    shop, crm = sign_in(world, "loader", "owner", team="shop"), sign_in(world, "etl", "owner", team="crm")
    world.platform.define_domain("sales", owner="root", members=["shop", "crm"])
    product_of(world, shop).register()
    product_of(world, crm, "bills", "crm").register()
    foreign = product_of(world, crm, more="description: taken over").file
    data = Attachments(data=[{"id": 1, "email": "a@b"}])
    for caller in (crm, world.platform):
        with pytest.raises(BadInput, match=r"product\.yaml declares orders, and not bills"):
            caller._transport.call(Publish("bills", "t", foreign), data)
    assert world.platform.show("orders").description is None


def test_a_new_domain_becomes_that_of_the_first_owner_in_it(world: World) -> None:
    shop, crm = sign_in(world, "loader", "owner", team="shop"), sign_in(world, "etl", "owner", team="crm")
    product_of(world, shop).register()
    (domain,) = world.platform.domains()
    assert domain.owner == "shop"
    (entry,) = world.platform.audit_log(act="domain")
    assert (entry.subject, entry.by, entry.details) == ("domain:sales", "loader", {"owner": "shop"})
    with pytest.raises(AccessDenied, match="etl is no member of the domain sales; its owner shop"):
        product_of(world, crm, "bills", "crm").register()
    shop.define_domain("sales", members=["crm"])
    product_of(world, crm, "bills", "crm").register()
    with pytest.raises(AccessDenied):
        crm.define_domain("sales", members=[])


@pytest.mark.parametrize(("role", "owner"), [("admin", None), ("owner", "ana@x")])
def test_a_domain_is_adopted_by_owners_alone(world: World, role: str, owner: str | None) -> None:
    product_of(world, sign_in(world, "ana@x", role, kind="person")).register()
    assert world.platform.domains()[0].owner == owner


def test_a_refused_first_publish_adopts_the_domain_of_its_draft_too(world: World) -> None:
    shop = sign_in(world, "loader", "owner", team="shop")
    with pytest.raises(Refused):
        product_of(world, shop).publish("t", [{"id": "x", "email": "a@b"}])
    assert world.platform.domains()[0].owner == "shop"
    product_of(world, shop).publish("t", [{"id": 1, "email": "a@b"}])


def test_a_refused_register_adopts_no_domain(world: World) -> None:
    file = world.root / "policies.yaml"
    file.write_text("policies: [{name: reviewed}]")
    world.platform.apply_policies(file)
    with pytest.raises(Refused, match="reviewed"):
        product_of(world, sign_in(world, "loader", "owner", team="shop")).register()
    assert world.platform.domains() == []


def test_who_registered_acts_for_an_unclaimed_owner_until_it_is_claimed(world: World) -> None:
    loader, mate = sign_in(world, "loader", "owner", team="shop"), sign_in(world, "mate", "owner", team="shop")
    other = sign_in(world, "etl", "owner", team="crm")
    world.platform.define_domain("sales", owner="shop", members=["crm"])
    rows = [{"id": 1, "email": "a@b"}]
    product_of(world, loader, owner="shop@x").register()
    assert [owner.address for owner in world.platform.owners(unclaimed=True)] == ["shop@x"]
    product_of(world, mate, owner="shop@x").publish("t", rows)
    with pytest.raises(AccessDenied):
        product_of(world, other, owner="shop@x").publish("t", rows)
    world.platform.claim_owner("shop@x", "crm")
    product_of(world, other, owner="shop@x").publish("t", rows)
    with pytest.raises(AccessDenied, match="the owner is shop@x, which is crm's"):
        product_of(world, loader, owner="shop@x").publish("t", rows)


def test_a_stranger_cannot_find_out_what_is_there(world: World) -> None:
    world.product(columns=PEOPLE).register()
    reader = sign_in(world, "eve@x", "consumer")
    denials = []
    for name in ("orders", "nothing"):
        with pytest.raises(AccessDenied) as denied:
            reader.archive(name)
        denials.append(str(denied.value).replace(name, "NAME"))
    assert denials[0] == denials[1]
    assert "ana@x" not in denials[0]


def test_the_audit_log_of_one_product_is_no_more_open_than_the_whole(world: World) -> None:
    shop, reader = sign_in(world, "loader", "owner", team="shop"), sign_in(world, "eve@x", "consumer")
    product_of(world, shop).register()
    for mesh in (shop, reader):
        for product in ("orders", None):
            with pytest.raises(AccessDenied, match="the rule 'audit' allows a governor or an admin"):
                mesh.audit_log(product)
    assert sign_in(world, "gus@x", "governor").audit_log("orders")


def test_personal_data_is_masked_for_who_is_not_of_the_owner(world: World) -> None:
    rows = [{"id": 1, "email": "a@b"}, {"id": 2, "email": "c@d"}]
    shop = sign_in(world, "loader", "owner", team="shop")
    product_of(world, shop, more="pii_columns: [email]").publish("t", rows)
    seen = {
        name: {
            *(row["email"] for row in mesh.consume("orders", "t").collect()),
            *mesh.sql("SELECT email FROM orders.t").to_arrow().column("email").to_pylist(),
        }
        for name, mesh in {
            "owner": shop,
            "member": sign_in(world, "cy@x", "consumer", team="shop"),
            "admin": sign_in(world, "root@x", "admin"),
            "consumer": sign_in(world, "eve@x", "consumer"),
            "governor": sign_in(world, "gus@x", "governor"),
            "local": world.platform,
        }.items()
    }
    clear = {"a@b", "c@d"}
    assert seen == {name: {"***"} if name in ("consumer", "governor") else clear for name in seen}


def test_statistics_of_what_is_personal_data_by_now_are_not_shown_to_others(world: World) -> None:
    shop, reader = sign_in(world, "loader", "owner", team="shop"), sign_in(world, "eve@x", "consumer")
    product_of(world, shop).publish("t", [{"id": 1, "email": "a@b"}])
    product_of(world, shop, more="pii_columns: [email]").register()
    assert set(shop.versions("orders")[0].statistics["email"]) > {"nulls"}
    assert "email" not in reader.versions("orders")[0].statistics
    assert set(reader.versions("orders")[0].statistics["id"]) > {"nulls"}


def test_the_log_of_a_run_is_for_who_sees_personal_data(world: World) -> None:
    shop, reader = sign_in(world, "loader", "owner", team="shop"), sign_in(world, "eve@x", "consumer")
    product_of(world, shop).register()
    run = shop.start_run("orders", "t")
    shop.finish_run(run.id, "failed", log="a@b")
    assert shop.run(run.id).log == "a@b"
    assert reader.run(run.id).log == ""
    with pytest.raises(AccessDenied):
        reader.heartbeat_run(run.id)


@pytest.mark.parametrize("name", ["orders@0", "orders.t"])
def test_a_run_is_decided_about_the_product_that_it_is_of(world: World, name: str) -> None:
    product_of(world, sign_in(world, "loader", "owner", team="shop")).register()
    crm = sign_in(world, "etl", "owner", team="crm")
    for output in ("t", "t@0"):
        with pytest.raises((AccessDenied, BadInput)):
            crm._transport.call(StartRun(name, output))
    assert world.platform.runs() == []


def test_waivers_are_approved_by_who_governs_the_policy_and_never_by_the_requester(world: World) -> None:
    file = world.root / "policies.yaml"
    file.write_text(RETENTION)
    world.platform.apply_policies(file)
    shop = sign_in(world, "loader", "owner", team="shop")
    product_of(world, shop).register()
    world.platform.define_domain("sales", owner="sales-team", members=["shop"])
    sales = sign_in(world, "ana@x", "owner", team="sales-team", kind="person")
    governor = sign_in(world, "gus@x", "governor", kind="person")
    until = NOON + timedelta(days=9)
    of_mesh, of_domain = (shop.waive_policy("orders", name, "soon", until).id for name in ("retention", "tagged"))
    for mesh, waiver in ((sales, of_mesh), (governor, of_domain), (shop, of_mesh)):
        with pytest.raises(AccessDenied):
            mesh.approve_waiver(waiver)
    assert governor.approve_waiver(of_mesh).state == "holds"
    assert sales.approve_waiver(of_domain).state == "holds"
    with pytest.raises(AccessDenied):
        shop.end_waiver(of_mesh)
    mine = governor.waive_policy("orders", "retention", "again", until).id
    agent = sign_in(world, "bot", "governor", acts_for="gus@x")
    for mesh in (governor, agent):
        with pytest.raises(Refused, match="was requested by gus@x"):
            mesh.approve_waiver(mine)
    of_agent = agent.waive_policy("orders", "retention", "again", until).id
    with pytest.raises(Refused, match="was requested by bot"):
        governor.approve_waiver(of_agent)


def test_a_domain_applies_its_own_policies_and_no_others(world: World) -> None:
    world.platform.define_domain("sales", owner="sales-team")
    sales = sign_in(world, "ana@x", "owner", team="sales-team")
    file = world.root / "policies.yaml"
    file.write_text("domain_policies: {sales: [{name: tagged}]}")
    assert sales.apply_policies(file, domain="sales").changed
    with pytest.raises(AccessDenied, match="ana@x may not govern the policies: the rule 'govern' allows a governor"):
        sales.apply_policies(file)
    with pytest.raises(AccessDenied, match="may not govern the policies of crm"):
        sales.apply_policies(file, domain="crm")
    for level in ("policies: [{name: mine}]", "domain_policies: {crm: [{name: mine}]}"):
        file.write_text(level)
        with pytest.raises(BadInput):
            sales.apply_policies(file, domain="sales")


@pytest.mark.parametrize(
    ("ask", "act"),
    [
        (lambda mesh: mesh.acknowledge_incident(1), "respond to incidents"),
        (lambda mesh: mesh.audit_log(), "read the audit log"),
        (lambda mesh: mesh.collect(), "collect files"),
        (lambda mesh: mesh.approve_anonymisation(1), "decide about anonymised columns"),
        (lambda mesh: mesh.create_token("joe", "consumer"), "issue tokens"),
        (lambda mesh: mesh.outbox(), "operate the mesh"),
    ],
)
def test_a_denial_names_the_act_in_words(world: World, ask: Callable[[Platform], object], act: str) -> None:
    with pytest.raises(AccessDenied, match=f"^eve@x may not {act}: the rule "):
        ask(sign_in(world, "eve@x", "consumer"))


def test_an_agent_works_for_its_person_and_only_while_that_may(world: World) -> None:
    sign_in(world, "ana@x", "owner", kind="person", team="shop")
    bot = sign_in(world, "bot", "owner", acts_for="ana@x")
    product_of(world, bot).register()
    assert world.platform.domains()[0].owner == "ana@x"
    world.platform.revoke_role("ana@x", "owner")
    world.platform.grant_role("ana@x", "consumer")
    bot = sign_in(world, "bot", "owner", acts_for="ana@x")
    bot.show("orders")
    with pytest.raises(AccessDenied, match="the roles of ana@x are: consumer"):
        product_of(world, bot).publish("t", [{"id": 1, "email": "a@b"}])


def test_a_transfer_goes_from_team_to_team(world: World) -> None:
    shop, crm = sign_in(world, "loader", "owner", team="shop"), sign_in(world, "etl", "owner", team="crm")
    product_of(world, shop).register()
    with pytest.raises(AccessDenied):
        crm.transfer("orders", "crm")
    shop.transfer("orders", "crm")
    with pytest.raises(AccessDenied):
        shop.accept_transfer("orders")
    assert crm.accept_transfer("orders").state == "accepted"
    with pytest.raises(AccessDenied):
        shop.rename("orders", "receipts")
    assert crm.rename("orders", "receipts").product == "receipts"


def test_no_other_environment_is_opened_for_who_did_not_open_this_home(world: World) -> None:
    reader = sign_in(world, "eve@x", "consumer")
    with pytest.raises(NotFound):
        reader.consume("elsewhere", "t")
    for caller in (Caller(reader.principal), replace(world.context.caller, door="http")):
        with pytest.raises(AccessDenied, match="may not reach prod from here"):
            Context(world.mesh, caller).environment(Environment.PROD)


def test_a_decision_about_a_product_takes_three_statements_and_what_is_hidden_one(world: World) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    reader = sign_in(world, "eve@x", "consumer")
    reader.show("orders")
    with recorded_statements(world) as statements:
        reader.show("orders")
    with recorded_statements(world) as local:
        world.platform.show("orders")
    assert len([s for s in statements if "SELECT" in s]) - len([s for s in local if "SELECT" in s]) == 3 + 1


def test_a_retirement_repeats_the_name_of_what_ends(world: World) -> None:
    """The SDK repeats the name that it was given; a request by hand has to."""
    shop = sign_in(world, "loader", "owner", team="shop")
    product_of(world, shop).publish("t", [{"id": 1, "email": "a@b"}])
    shop.deprecate("orders", "t", until=NOON + timedelta(days=9))
    for request in (Retire("orders", "t"), Retire("orders", "t", confirm="orders"), RetireProduct("orders")):
        with pytest.raises(BadInput, match=r"the retirement of orders.* is not confirmed"):
            shop._transport.call(request)
    assert shop.retire("orders.t").retired
    assert shop.retire_product("orders").product == "orders"


@pytest.mark.parametrize("role", ["consumer", "owner", "admin"])
def test_a_product_outside_of_the_domains_of_a_token_is_answered_as_an_unknown_one(world: World, role: str) -> None:
    world.product("orders", PEOPLE, domain="sales").publish("t", [{"id": 1, "email": "a@b"}])
    crm = sign_in(world, "etl", role, domains=["crm"])  # type: ignore[arg-type]
    acts: list[Callable[[str], object]] = [
        crm.show,
        lambda name: crm.consume(name, "t"),
        lambda name: crm.versions(name, "t"),
        lambda name: crm.request_access([f"{name}.t"], "churn"),
        lambda name: crm.explain_access("etl", name),
    ]
    for act in acts:
        answers = []
        for name in ("orders", "nobody"):
            with pytest.raises(NotFound) as missing:
                act(name)
            answers.append(str(missing.value).replace(name, "NAME"))
        assert answers[0] == answers[1]
