"""Who may do what: the rules, each with who it allows and whom it denies."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.access.actions import Action, Resource, ResourceKind
from data_platform.access.decide import decide, decide_by_role
from data_platform.access.facts import NO_FACTS, DomainFacts, ResourceFacts
from data_platform.access.rules import RULES
from data_platform.settings import Principal, PrincipalKind, Role, RoleGrant, TokenScope

ORDERS = Resource.of("orders", "orders_fact")
SALES = DomainFacts("sales", "sales-team", ("crm",))
OF_SHOP = ResourceFacts(True, "shop", (DomainFacts("sales"),), {"shop": "shop"}, frozenset(["loader"]))


def make(name: str = "ana", *roles: Role, teams: tuple[str, ...] = (), scope: TokenScope | None = None) -> Principal:
    grants = frozenset(RoleGrant(role) for role in roles)
    return Principal(name, verified=True, roles=grants, teams=frozenset(teams), scope=scope)


def allows(who: Principal, action: Action, resource: Resource = ORDERS, facts: ResourceFacts = OF_SHOP) -> bool:
    return decide(who, action, resource, facts).allowed


def test_the_local_owner_may_do_everything_and_the_reason_says_that_the_name_is_on_trust() -> None:
    decision = decide(Principal("ana", local=True), Action.PUBLISH, ORDERS, NO_FACTS)
    assert decision.allowed
    assert not decision.hides_personal_data
    assert "ana (unverified)" in decision.reason.text


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("kind", ResourceKind)
def test_a_principal_without_a_role_may_do_nothing(action: Action, kind: ResourceKind) -> None:
    for verified in (True, False):
        decision = decide(Principal("eve", verified=verified), action, Resource(kind), OF_SHOP)
        assert (decision.allowed, decision.reason.text) == (False, "eve has no role in this mesh")


def test_every_action_has_a_rule() -> None:
    assert set(RULES) == set(Action)
    assert str(RULES[Action.OPERATE]) == "an admin"
    assert str(RULES[Action.PUBLISH]) == "the owner of the product, if in its domain, or an admin"


@pytest.mark.parametrize("action", [Action.PUBLISH, Action.REGISTER, Action.RUN, Action.RETIRE, Action.ERASE])
def test_the_owner_team_writes_its_products(action: Action) -> None:
    assert allows(make("ana", Role.OWNER, teams=("shop",)), action)
    assert allows(make("shop", Role.OWNER), action)
    assert allows(make("root", Role.ADMIN), action)
    assert not allows(make("ana", Role.OWNER), action)
    assert not allows(make("ana", Role.OWNER, teams=("crm",)), action)
    assert not allows(make("ana", Role.CONSUMER, teams=("shop",)), action)
    assert not allows(make("ana", Role.GOVERNOR, teams=("shop",)), action)


def test_a_denial_names_the_rule_and_the_owner() -> None:
    denied = decide(make("ana", Role.OWNER), Action.PUBLISH, ORDERS, replace(OF_SHOP, holders={"shop": "bo"}))
    assert denied.reason.text == (
        "the rule 'publish' allows the owner of the product, if in its domain, or an admin; "
        "the owner is shop, which is bo's"
    )


def test_a_role_that_does_not_suffice_is_denied_without_a_word_of_what_is_there() -> None:
    reader = make("eve", Role.CONSUMER)
    there, not_there = (decide(reader, Action.RETIRE, ORDERS, facts) for facts in (OF_SHOP, NO_FACTS))
    assert there == not_there == decide_by_role(reader, Action.RETIRE, ORDERS)
    assert "shop" not in there.reason.text


def test_an_unclaimed_owner_is_who_first_registered_until_somebody_claims_it() -> None:
    loader, other = make("loader", Role.OWNER), make("other", Role.OWNER)
    unclaimed = replace(OF_SHOP, owner="shop@example.com", holders={})
    assert allows(loader, Action.PUBLISH, facts=unclaimed)
    assert not allows(other, Action.PUBLISH, facts=unclaimed)
    claimed = replace(unclaimed, holders={"shop@example.com": "other"})
    assert allows(other, Action.PUBLISH, facts=claimed)
    assert not allows(loader, Action.PUBLISH, facts=claimed)


def test_a_new_product_may_have_any_owner_that_is_not_somebody_elses() -> None:
    ana = make("ana", Role.OWNER, teams=("shop",))
    for owner, holders, allowed in (("new@x", {}, True), ("shop", {"shop": "shop"}, True), ("bo", {"bo": "bo"}, False)):
        assert allows(ana, Action.REGISTER, facts=ResourceFacts(owner=owner, holders=holders)) is allowed


def test_a_product_of_a_defined_domain_is_written_by_the_members_of_the_domain_alone() -> None:
    in_sales = replace(OF_SHOP, domains=(SALES,))
    shop = make("ana", Role.OWNER, teams=("shop",))
    denied = decide(shop, Action.PUBLISH, ORDERS, in_sales)
    assert not denied.allowed
    assert "ana is no member of the domain sales; its owner sales-team" in denied.reason.text
    assert allows(make("ana", Role.OWNER, teams=("shop", "crm")), Action.PUBLISH, facts=in_sales)
    assert allows(make("ana", Role.OWNER, teams=("shop", "sales-team")), Action.PUBLISH, facts=in_sales)
    assert allows(make("root", Role.ADMIN), Action.PUBLISH, facts=in_sales)
    assert allows(shop, Action.RETIRE, facts=in_sales)
    assert not allows(make("cy", Role.OWNER, teams=("crm",)), Action.PUBLISH, facts=in_sales)


def test_a_move_to_another_domain_needs_both() -> None:
    moving = replace(OF_SHOP, domains=(DomainFacts("sales"), SALES))
    assert not allows(make("ana", Role.OWNER, teams=("shop",)), Action.REGISTER, facts=moving)
    assert allows(make("ana", Role.OWNER, teams=("shop", "crm")), Action.REGISTER, facts=moving)


def test_a_role_in_one_domain_counts_there_alone() -> None:
    ana = replace(make(teams=("shop",)), roles=frozenset([RoleGrant(Role.OWNER, "sales")]))
    assert allows(ana, Action.PUBLISH)
    assert not allows(ana, Action.PUBLISH, facts=replace(OF_SHOP, domains=(DomainFacts("crm"),)))


def test_a_domain_is_governed_by_its_owner_and_the_mesh_by_governors() -> None:
    own, mesh = Resource(ResourceKind.POLICIES, name="sales"), Resource(ResourceKind.POLICIES)
    facts = ResourceFacts(domains=(SALES,))
    owner, governor = make("ana", Role.OWNER, teams=("sales-team",)), make("gus", Role.GOVERNOR)
    named = replace(make("bo"), roles=frozenset([RoleGrant(Role.DOMAIN_OWNER, "sales")]))
    for who, of_domain, of_mesh in ((owner, True, False), (named, True, False), (governor, False, True)):
        assert allows(who, Action.GOVERN, own, facts) is of_domain
        assert allows(who, Action.GOVERN, mesh, NO_FACTS) is of_mesh
    assert allows(owner, Action.DEFINE_DOMAIN, Resource(ResourceKind.DOMAIN, name="sales"), facts)
    assert not allows(make("cy", Role.OWNER, teams=("crm",)), Action.GOVERN, own, facts)
    assert not allows(governor, Action.DEFINE_DOMAIN, Resource(ResourceKind.DOMAIN, name="sales"), facts)


def test_the_audit_log_is_read_by_governors_and_admins() -> None:
    log = Resource(ResourceKind.AUDIT_LOG)
    allowed = [role for role in Role if allows(make("ana", role), Action.AUDIT, log, NO_FACTS)]
    assert allowed == [Role.GOVERNOR, Role.ADMIN]
    assert [role for role in Role if allows(make("ana", role), Action.OPERATE, log, NO_FACTS)] == [Role.ADMIN]


def test_personal_data_is_hidden_from_who_is_neither_of_the_owner_team_nor_an_admin() -> None:
    hidden = {
        name: decide(who, Action.CONSUME, ORDERS, OF_SHOP).hides_personal_data
        for name, who in {
            "admin": make("root", Role.ADMIN),
            "team": make("ana", Role.CONSUMER, teams=("shop",)),
            "consumer": make("ana", Role.CONSUMER),
            "governor": make("ana", Role.GOVERNOR),
            "other owner": make("ana", Role.OWNER, teams=("crm",)),
        }.items()
    }
    assert hidden == {"admin": False, "team": False, "consumer": True, "governor": True, "other owner": True}


def test_a_scope_narrows_by_verbs_reading_and_domains() -> None:
    shop = make("ana", Role.ADMIN, teams=("shop",))
    for scope, action, allowed in (
        (TokenScope(verbs=frozenset(["consume"])), Action.CONSUME, True),
        (TokenScope(verbs=frozenset(["consume"])), Action.PUBLISH, False),
        (TokenScope(read_only=True), Action.CONSUME, True),
        (TokenScope(read_only=True), Action.SUBSCRIBE, False),
        (TokenScope(domains=frozenset(["sales"])), Action.PUBLISH, True),
        (TokenScope(domains=frozenset(["crm"])), Action.PUBLISH, False),
        (TokenScope(domains=frozenset(["crm"])), Action.READ, False),
    ):
        assert allows(replace(shop, scope=scope), action) is allowed, (scope, action)
    for_sales = replace(shop, scope=TokenScope(domains=frozenset(["sales"])))
    assert allows(for_sales, Action.READ, Resource(ResourceKind.CATALOG), NO_FACTS)
    assert not allows(for_sales, Action.OPERATE, Resource(ResourceKind.MESH), NO_FACTS)


def test_a_transfer_is_offered_by_the_owner_and_accepted_by_its_recipient() -> None:
    offered = replace(OF_SHOP, offered_to="crm")
    shop, crm = make("ana", Role.OWNER, teams=("shop",)), make("cy", Role.OWNER, teams=("crm",))
    for action, may_shop, may_crm in (
        (Action.TRANSFER, True, False),
        (Action.ACCEPT, False, True),
        (Action.WITHDRAW, True, True),
    ):
        assert allows(shop, action, facts=offered) is may_shop
        assert allows(crm, action, facts=offered) is may_crm
    assert allows(crm, Action.TRANSFER, facts=replace(offered, is_owner_gone=True))


def test_a_principal_revokes_its_own_tokens() -> None:
    mine = Resource(ResourceKind.PRINCIPAL, name="ana")
    assert allows(make("ana", Role.CONSUMER), Action.REVOKE, mine, NO_FACTS)
    assert not allows(make("eve", Role.OWNER), Action.REVOKE, mine, NO_FACTS)


ROLES = st.frozensets(st.builds(RoleGrant, st.sampled_from(Role), st.sampled_from([None, "sales", "crm"])), max_size=3)
TEAMS = st.frozensets(st.sampled_from(["shop", "crm", "sales-team"]))
PERSONS = st.builds(Principal, st.sampled_from(["ana", "bo"]), st.just(True), roles=ROLES, teams=TEAMS)
SCOPES = st.builds(
    TokenScope,
    st.none(),
    st.none() | st.frozensets(st.sampled_from([action.value for action in Action])),
    st.none() | st.frozensets(st.sampled_from(["sales", "crm"])),
    st.booleans(),
)
DOMAINS = st.builds(
    DomainFacts,
    st.sampled_from(["sales", "crm"]),
    st.none() | st.sampled_from(["ana", "sales-team"]),
    st.sampled_from([(), ("crm",), ("bo", "shop")]),
)
FACTS = st.builds(
    ResourceFacts,
    st.booleans(),
    st.none() | st.sampled_from(["shop", "ana", "x@y"]),
    st.lists(DOMAINS, max_size=2).map(tuple),
    st.dictionaries(st.sampled_from(["shop", "ana", "x@y"]), st.sampled_from(["shop", "bo", "ana"])),
    st.frozensets(st.sampled_from(["ana", "crm"])),
    st.none() | st.sampled_from(["crm", "bo"]),
    st.booleans(),
)
RESOURCES = st.sampled_from([ORDERS, *map(Resource, ResourceKind), Resource(ResourceKind.POLICIES, name="sales")])


@given(PERSONS, SCOPES, st.sampled_from(Action), RESOURCES, FACTS)
def test_a_scope_never_widens(
    who: Principal, scope: TokenScope, action: Action, resource: Resource, facts: ResourceFacts
) -> None:
    narrowed, free = (decide(replace(who, scope=given), action, resource, facts) for given in (scope, None))
    assert free.allowed or not narrowed.allowed
    assert narrowed.hides_personal_data == free.hides_personal_data or not narrowed.allowed


@given(PERSONS, ROLES, TEAMS, st.sampled_from(Action), RESOURCES, FACTS)
def test_an_agent_never_has_more_than_its_person(
    person: Principal,
    roles: frozenset[RoleGrant],
    teams: frozenset[str],
    action: Action,
    resource: Resource,
    facts: ResourceFacts,
) -> None:
    agent = Principal("bot", True, kind=PrincipalKind.AGENT, roles=roles, teams=teams, acts_for=person)
    by_agent, by_person = (decide(who, action, resource, facts) for who in (agent, person))
    assert by_person.allowed or not by_agent.allowed
    assert by_agent.hides_personal_data or not by_person.hides_personal_data or not by_agent.allowed


@given(PERSONS, st.sampled_from(Action), RESOURCES, FACTS)
def test_what_roles_rule_out_no_fact_allows(
    who: Principal, action: Action, resource: Resource, facts: ResourceFacts
) -> None:
    by_role = decide_by_role(who, action, resource)
    assert by_role.allowed or decide(who, action, resource, facts) == by_role
