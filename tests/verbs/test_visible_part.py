"""A token for some domains finds nothing of any other: every GET is asked, and its answer is searched as JSON.

In this mesh every name in the domain `vault` has `hid` in it. A list that an admin sees such a name in has to be
limited; a list that names nothing hidden even for an admin is here with its reason, so a new list fails until its
rows are in the mesh below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from data_platform import Platform
from data_platform.errors import DataPlatformError, NotFound
from data_platform.platform import InProcess
from data_platform.verbs.core.context import Caller, Context
from data_platform.verbs.dispatch import dispatch
from data_platform.verbs.identity.authenticate import authenticate_token
from data_platform.verbs.registry import VERBS, load_request
from data_platform.verbs.registry.page_orders import PAGE_ORDERS, WHOLE_LISTS
from data_platform.verbs.wire.errors import encode_error
from data_platform.verbs.wire.messages import encode_answer, write_json
from tests.meshes import IDS, NOON, ROWS, FilledMeshes, World
from tests.verbs.lineage.test_receive import make_event

LISTS = {*PAGE_ORDERS, *WHOLE_LISTS, "Search"}
NAMES_NOTHING = {
    "Outbox": "it counts the messages of a destination; only an admin of the whole mesh sees it",
    "PolicyHistory": "a revision is of the mesh: its file, who applied it, and why",
    "ExplainPolicies": "it is of one product",
    "ListRefusals": "none of this mesh has a rule of a consumer; tests/verbs/quality/test_refusals.py hides one",
}
"""The lists that name no product beside that which they are asked for."""
POLICIES = """
policies:
  - {name: reviewed}
  - name: retention
    rule: {type: metadata-check, condition: ASSERT product.retention_days IS NOT NULL}
    enforcement: warning
domain_policies:
  sales:
    - {name: tagged, rule: {type: metadata-check, condition: ASSERT count(product.tags) > 9}, enforcement: warning}
  vault-hid:
    - {name: hid-rule, rule: {type: metadata-check, condition: ASSERT count(product.tags) > 9}, enforcement: warning}
"""
NEEDS = """
inputs:
  - data_product: orders
    output: t
    expectations:
      columns: [id]
      rules: [{rule: hid-needs, sql: "SELECT COUNT(*) FROM t WHERE id < 0", threshold: 0}]
"""
DESCRIBED = "{name: described, rule: {type: metadata-check, condition: ASSERT product.description IS NOT NULL}}"
SOON = NOON + timedelta(days=30)
PRINCIPALS = ("scoped", "hid-scoped", "hid-person")


@dataclass
class Stage:
    """The mesh, and the contexts of its callers by name."""

    world: World
    ids: dict[str, Any] = field(default_factory=dict)

    def sign_in(self, name: str, role: str, domains: list[str] | None = None) -> Context:
        token = Platform(InProcess(self.world.mesh)).create_token(name, role, domains=domains).token
        principal = authenticate_token(self.world.mesh, token)
        assert principal is not None
        return Context(self.world.mesh, Caller(principal, door="http"))


@pytest.fixture
def stage(tmp_path: Path, filled_meshes: FilledMeshes) -> Iterator[Stage]:
    with filled_meshes.open_copy(fill, tmp_path) as (world, ids):
        yield Stage(world, ids)


def fill(world: World) -> dict[str, Any]:
    """Everything that a list can show, in both domains; returns the ids of rows by domain."""
    root = world.platform
    ids = {}
    for name in ("sales", "vault-hid"):
        root.define_domain(name, owner=f"{name}-team")
    for name, team in (("sally", "sales-team"), ("hid-person", "vault-hid-team")):
        root.create_token(name, "owner", team=team)
    publish(world)
    (world.root / "policies.yaml").write_text(POLICIES)
    root.apply_policies(world.root / "policies.yaml")
    for name, kind in (("orders", "sales"), ("hid-ledger", "vault")):
        ids[kind] = live(world, name)
    world.become("ana@x").receive_lineage(
        [make_event(("data-platform", "orders.t"), ("data-platform", "hid-ledger.t"))]
    )
    root.offboard("hid-left@x")
    root.offboard("left@x")
    root.claim_owner("hid-owner@x", "vault-hid-team")
    root.grant_role("hid-person", "domain-owner", "vault-hid")
    for name in ("orders", "hid-ledger"):
        world.become("scoped").subscribe(name)
        world.become("whole").subscribe(name)
    for name in ("orders.t", "hid-ledger.t"):
        for who in ("scoped", "whole"):
            world.become(who).request_access([name], "churn")
    world.clock.later(hours=1)
    for name in ("orders.t", "hid-ledger.t"):
        world.become("whole").break_glass(name, "an outage of the shop")
    for name in ("orders", "hid-ledger"):
        world.become("ana@x").deprecate(name, "t", "30 days")
    return ids


def publish(world: World) -> None:
    """hid-ledger → orders → hid-report → copy, each of the one before; and products whose owners have left."""
    rows = world.product("hid-ledger", IDS, owner="hid-owner@x", domain="vault-hid")
    rows.publish("t", ROWS)
    orders = world.product("orders", IDS, owner="ana@x")
    orders.publish("t", world.platform.consume("hid-ledger", "t"))
    report = world.product("hid-report", IDS, owner="hid-owner@x", domain="vault-hid", more=NEEDS)
    report.publish("t", world.platform.consume("orders", "t"))
    orders.publish("t", world.platform.consume("hid-ledger", "t"))  # judged by what hid-report expects
    world.product("copy", IDS, owner="ana@x").publish("t", world.platform.consume("hid-report", "t"))
    world.product("hid-second", IDS, owner="ana@x", domain="vault-hid", more="alerts: hid-mail").register()
    made = {"first": {"type": "string", "anonymised": {"from": "hid-ledger.t.id", "method": "its first digit"}}}
    world.product("leftover", made, owner="left@x").register()
    world.product("hid-leftover", made, owner="hid-left@x", domain="vault-hid").register()


def live(world: World, name: str) -> dict[str, Any]:
    """Leaves an incident, a run, a waiver, an attestation and an offer; returns their ids."""
    root = world.become("ana@x" if name == "orders" else "hid-owner@x")
    product = world.product(name, IDS, owner=root.principal.name, domain="sales" if name == "orders" else "vault-hid")
    with pytest.raises(DataPlatformError):
        product.publish("t", [{"id": "x"}])
    ids = {
        "incident": root.incidents(name)[0].id,
        "run": root.start_run(name, "t").id,
        "waiver": root.waive_policy(name, "retention", "soon", SOON).id,
        "attestation": root.attest_policy(name, "reviewed", "LEGAL-7", SOON).id,
    }
    root.transfer(name, "bea@x" if name == "orders" else "hid-bea@x")
    return ids


VALUES: dict[str, Any] = {"product": "orders", "output": "t", "column": "id", "version": 1, "name": "sales"}


def make_requests(stage: Stage, name: str) -> list[Any]:
    """Requests of a verb that reads, about what is visible: with what it requires, and as far as it can go."""
    kind = load_request(name)
    ids = {"ShowIncident": "incident", "ShowRun": "run"}
    given = VALUES | {"id": stage.ids["sales"].get(ids.get(name, ""), 1), "principal": "scoped"}
    required = {f.name: given[f.name] for f in fields(kind) if is_required(f) and f.name in given}
    if len(required) < sum(map(is_required, fields(kind))):
        return []
    requests = [kind(**required)]
    names = {f.name for f in fields(kind)}
    deep = {name: value for name, value in {"depth": 9, "facets": True}.items() if name in names}
    return [*requests, *([replace(requests[0], **deep)] if deep else [])]


def is_required(one: Any) -> bool:
    return one.default is one.default_factory


READS = [name for name, verb in VERBS.items() if verb.method == "GET" and verb.served]


def answer(context: Context, request: Any) -> str:
    """The answer, or the error, as JSON."""
    try:
        given = dispatch(context, request)
    except DataPlatformError as error:
        return write_json(encode_error(error)).decode()
    if type(request).__name__ == "Consume":
        return ""
    return write_json(encode_answer(type(request).__name__, given)).decode()


@pytest.mark.parametrize(
    "role",
    [
        "consumer",
        "admin",
        pytest.param("owner", marks=pytest.mark.long),
        pytest.param("governor", marks=pytest.mark.long),
    ],
)
def test_no_answer_names_what_is_in_another_domain(stage: Stage, role: str) -> None:
    scoped = stage.sign_in("scoped", role, ["sales"])
    leaks = {}
    for name in READS:
        for request in make_requests(stage, name):
            if "hid" in (text := answer(scoped, request)):
                leaks[name] = text[max(0, text.index("hid") - 200) :][:400]
    assert not leaks, "\n".join(f"{name}: {text}" for name, text in leaks.items())


@pytest.mark.parametrize("role", ["consumer", "owner"])
def test_a_product_that_conceals_itself_is_in_no_list(world: World, role: str) -> None:
    concealed = "access: {visibility: restricted, discoverable: false}\n"
    stage, root = Stage(world), world.platform
    orders = world.product("orders", IDS)
    ledger = world.product("hid-ledger", IDS, owner="hid-owner@x", more=concealed)
    ledger.publish("t", ROWS)
    orders.publish("t", root.consume("hid-ledger", "t"))
    report = world.product("hid-report", IDS, owner="hid-owner@x", more=concealed + NEEDS)
    report.publish("t", root.consume("orders", "t"))
    orders.publish("t", root.consume("hid-ledger", "t"))
    world.product("copy", IDS).publish("t", root.consume("hid-report", "t"))
    stage.ids["sales"] = {"incident": 1, "run": root.start_run("orders", "t").id}
    with pytest.raises(DataPlatformError):
        ledger.publish("t", [{"id": "x"}])
    root.start_run("hid-ledger", "t")
    eve = stage.sign_in("scoped", role)
    leaks = {
        name: text
        for name in READS
        for request in make_requests(stage, name)
        if "hid" in (text := answer(eve, request))
    }
    assert not leaks, "\n".join(f"{name}: {text[:300]}" for name, text in leaks.items())
    assert dispatch(eve, load_request("Search")(facets=True)).facets["owner"] == {"ana@x": 2}


def test_every_list_has_something_to_hide(stage: Stage) -> None:
    whole = stage.sign_in("whole", "admin")
    silent = {
        name for name in LISTS if not any("hid" in answer(whole, request) for request in make_requests(stage, name))
    }
    assert silent == set(NAMES_NOTHING)


def test_a_diff_names_no_hidden_consumer(stage: Stage) -> None:
    scoped, changed = stage.sign_in("scoped", "consumer", ["sales"]), stage.world.product("orders", {"x": IDS["id"]})
    difference = dispatch(scoped, load_request("Diff")(changed.file))
    assert difference.verdict == "refused"
    names = {consumer.name for broken in difference.breaks for consumer in broken.consumers}
    assert "a product that is hidden" in names
    assert "hid-" not in write_json(encode_answer("Diff", difference)).decode()


@pytest.mark.long
def test_what_policies_would_do_is_said_of_the_domain_alone(stage: Stage) -> None:
    file = stage.world.root / "policies.yaml"
    file.write_text(POLICIES.replace("  - {name: reviewed}", f"  - {{name: reviewed}}\n  - {DESCRIBED}"))
    request = load_request("WhatIfPolicies").of(file)
    what_if = dispatch(stage.sign_in("scoped", "consumer", ["sales"]), request)
    assert {affected.domain for affected in (*what_if.blocked, *what_if.warned)} == {"sales"}


@pytest.mark.parametrize("role", ["consumer", "admin"])
def test_what_is_in_the_domain_is_listed_as_for_everybody(stage: Stage, role: str) -> None:
    scoped, whole = stage.sign_in("scoped", role, ["sales"]), stage.sign_in("scoped", role)
    for name, of in (("ListIncidents", "product"), ("ListRuns", "product"), ("ListWaivers", "product")):
        kind = load_request(name)
        everything = [row for row in dispatch(whole, kind()) if not getattr(row, of).startswith("hid")]
        assert dispatch(scoped, kind()) == everything != []
        if "limit" in {f.name for f in fields(kind)}:
            assert dispatch(scoped, kind(limit=1)) == everything[:1]


def test_search_counts_what_is_found_alone(stage: Stage) -> None:
    scoped, search = stage.sign_in("scoped", "consumer", ["sales"]), load_request("Search")
    found = dispatch(scoped, search(facets=True, limit=1))
    assert (found.total, found.facets["domain"]) == (3, {"sales": 3})
    assert dispatch(scoped, search("ledger")).total == 0
    assert dispatch(scoped, search(domain="vault-hid", facets=True)).facets["domain"] == {"sales": 3}


def test_the_audit_entry_of_a_refusal_names_no_rule_of_a_hidden_consumer(stage: Stage) -> None:
    product = stage.world.product(
        "orders",
        IDS,
        owner="ana@x",
        output="quality_rules:\n- {rule: positive, sql: SELECT COUNT(*) FROM t WHERE id <= 0, threshold: 0}",
    )
    stage.world.become("ana@x")
    with pytest.raises(DataPlatformError, match="rules"):
        product.publish("t", [{"id": -1}])
    audit = load_request("AuditLog")("orders", limit=1)
    (whole,) = dispatch(stage.sign_in("whole", "governor"), audit)
    assert "hid-report: hid-needs" in whole.details["rules"]
    assert sha256(whole.entry.encode()).hexdigest() == whole.hash
    scoped = stage.sign_in("scoped", "governor", ["sales"])
    assert "hid" not in answer(scoped, audit)
    (pruned,) = dispatch(scoped, audit)
    assert (pruned.number, pruned.hash) == (whole.number, whole.hash)


def test_domains_count_what_is_found(stage: Stage) -> None:
    (domain,) = dispatch(stage.sign_in("scoped", "consumer", ["sales"]), load_request("ListDomains")())
    assert (domain.name, domain.products) == ("sales", 3)


def test_lineage_ends_before_what_is_hidden(stage: Stage) -> None:
    scoped, lineage = stage.sign_in("scoped", "consumer", ["sales"]), load_request("Lineage")
    graph = dispatch(scoped, lineage("orders", depth=9))
    assert [node.kind for node in (*graph.upstream, *graph.downstream)] == ["external"]
    assert len(dispatch(stage.sign_in("whole", "consumer"), lineage("orders", depth=9)).downstream) == 1


def test_the_audit_log_has_the_entries_of_the_domain_and_a_page_is_full(stage: Stage) -> None:
    scoped, whole = stage.sign_in("scoped", "governor", ["sales"]), stage.sign_in("whole", "governor")
    audit = load_request("AuditLog")
    mine = dispatch(scoped, audit(limit=None))
    subjects = {entry.subject.partition(".")[0] for entry in dispatch(whole, audit(limit=None))}
    assert {entry.subject.partition(".")[0] for entry in mine} == {
        subject for subject in subjects if subject in ("orders", "copy", "leftover", "domain:sales")
    }
    assert dispatch(scoped, audit(limit=3)) == mine[:3]
    assert dispatch(scoped, audit(limit=3, after=0)) == mine[:-4:-1]


@pytest.mark.parametrize(
    "ask",
    [
        lambda mesh: mesh.show("hid-ledgerr"),
        lambda mesh: mesh.consume("hid-report2", "t"),
        lambda mesh: mesh.sql("SELECT * FROM hid_ledger.t"),
        lambda mesh: mesh.sql("SELECT * FROM tt"),
    ],
)
def test_no_hint_names_a_product_that_is_hidden(stage: Stage, ask: Callable[[Platform], Any]) -> None:
    scoped = stage.sign_in("scoped", "consumer", ["sales"])
    with pytest.raises(DataPlatformError) as raised:
        ask(Platform(InProcess(stage.world.mesh, caller=scoped.caller)))
    assert "hid-" not in (raised.value.hint or "")


@pytest.mark.parametrize(
    "ask",
    [
        lambda mesh, ids: mesh.incident(ids["incident"]),
        lambda mesh, ids: mesh.resolve_incident(ids["incident"]),
        lambda mesh, ids: mesh.run(ids["run"]),
        lambda mesh, ids: mesh.end_waiver(ids["waiver"]),
        lambda mesh, ids: mesh.withdraw_attestation(ids["attestation"]),
    ],
)
def test_a_row_of_a_hidden_product_is_as_if_it_were_not_there(
    stage: Stage, ask: Callable[[Platform, dict[str, Any]], Any]
) -> None:
    scoped = stage.sign_in("scoped", "admin", ["sales"])
    with pytest.raises(NotFound) as raised:
        ask(Platform(InProcess(stage.world.mesh, caller=scoped.caller)), stage.ids["vault"])
    assert "hid-" not in str(raised.value)


def test_a_token_for_all_domains_finds_everything_without_a_look_at_the_products(stage: Stage) -> None:
    whole = stage.sign_in("whole", "consumer")
    assert "hid-ledger" in {hit.name for hit in dispatch(whole, load_request("Search")(limit=None))}
