"""Who may read an output: default deny, forbid overrides, and what is opened is never more than the lines say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.access.actions import Action
from data_platform.access.cedar import compile_lines
from data_platform.access.decide import decide, knows_of
from data_platform.access.facts import DomainFacts
from data_platform.access.grants import AccessGrant
from data_platform.access.reading import Occasion
from data_platform.settings import Principal, PrincipalKind, Role, RoleGrant, TokenScope
from data_platform.spec.access.filter_text import parse_row_filter
from data_platform.spec.access.masks import REDACT, Mask, MaskKind
from data_platform.spec.access.model import (
    AccessSpec,
    ColumnClass,
    ReaderEntry,
    RowFilter,
    Visibility,
)
from data_platform.spec.access.row_filters import EVERY_ROW, NO_ROW, AllOf, AnyOf, Condition
from data_platform.spec.access.stored import StoredAccess
from tests.access.readers import (
    ADA,
    NOW,
    ORDERS,
    PERSONAL,
    RESTRICTED,
    entry,
    facts_of,
    grant,
    grants,
    make,
    principals,
    purposes,
    read,
    seen,
)
from tests.spec.access import strategies
from tests.spec.access.strategies import SCHEMA


def test_without_a_declaration_everyone_with_a_role_reads_what_is_not_personal() -> None:
    decision = read(ADA, AccessSpec())
    assert decision.reason.text == "visibility internal (default) allows it"
    assert seen(decision) == (frozenset(["n", "day", "ok"]), EVERY_ROW)
    assert decision.view_columns("t", SCHEMA, PERSONAL).masks == {"a": REDACT}
    assert decision.hides_personal_data


def test_a_restricted_output_is_denied_by_default_and_the_reason_names_the_line() -> None:
    access = replace(RESTRICTED, lines={"visibility": 5})
    denied = read(ADA, access)
    assert not denied.allowed
    assert denied.reason.text.startswith("visibility restricted (product.yaml:5), and neither")


def test_a_public_output_is_read_without_a_role_and_nothing_else_is() -> None:
    stranger = make("eve")
    assert read(stranger, AccessSpec(visibility=Visibility.PUBLIC)).allowed
    for access in (AccessSpec(), RESTRICTED, replace(RESTRICTED, readers=(entry(principals=("eve",)),))):
        denied = read(stranger, access, grant("eve"))
        assert (denied.allowed, denied.reason.text) == (False, "eve has no role in this mesh")


@pytest.mark.parametrize("who", [make("bo", Role.OWNER, teams=("shop",)), make("root", Role.ADMIN)])
def test_the_owner_and_admins_see_everything(who: Principal) -> None:
    access = replace(RESTRICTED, rows=RowFilter("n = 1", parse_row_filter("n = 1")), masks={"n": REDACT})
    assert seen(read(who, access)) == (frozenset(SCHEMA.names), EVERY_ROW)
    assert not read(who, access).hides_personal_data


@pytest.mark.parametrize(
    ("who", "purpose", "allowed"),
    [
        (make("ada", Role.CONSUMER, teams=("analytics",)), "fraud", True),
        (make("ada", Role.CONSUMER, teams=("sales", "analytics")), "fraud", True),
        (make("ada", Role.CONSUMER, teams=("analytics",)), None, False),
        (make("ada", Role.CONSUMER, teams=("analytics",)), "ads", False),
        (make("analytics", Role.CONSUMER), "fraud", False),
        (ADA, "fraud", False),
    ],
)
def test_the_conditions_of_an_entry_are_anded_and_their_values_ored(
    who: Principal, purpose: str | None, allowed: bool
) -> None:
    access = replace(RESTRICTED, readers=(entry(teams=("finance", "analytics"), purposes=("fraud",)),))
    decision = read(who, access, purpose=purpose)
    assert decision.allowed is allowed
    assert not allowed or decision.reason.text == "product.yaml:12 allows it"


def test_a_domain_s_members_and_owner_are_its_readers() -> None:
    facts = replace(
        facts_of(replace(RESTRICTED, readers=(entry(domains=("crm",)),))),
        reader_domains=(DomainFacts("crm", "crm-team", ("ada@x", "bo")),),
        holders={"ada@x": "ada"},
    )
    for who, allowed in ((ADA, True), (make("bo", Role.CONSUMER), True), (make("eve", Role.CONSUMER), False)):
        assert decide(who, Action.CONSUME, ORDERS, facts).allowed is allowed
    of_crm = replace(ADA, name="cy", roles=frozenset([RoleGrant(Role.CONSUMER, "crm")]))
    assert decide(of_crm, Action.CONSUME, ORDERS, facts).allowed


def test_two_entries_on_one_line_are_told_apart() -> None:
    access = replace(RESTRICTED, readers=(entry(principals=("ada",)), entry(roles=("consumer",))))
    assert read(ADA, access).reason.text == "product.yaml:12 and product.yaml:12 (2) allow it"


def test_policies_of_one_form_are_parsed_once_and_names_are_no_part_of_them() -> None:
    ours, theirs = (
        replace(RESTRICTED, readers=(entry(line, teams=(team, 'x"y'), purposes=("fraud",)),))
        for line, team in ((3, "crm"), (9, "sales"))
    )
    policies = [compile_lines(StoredAccess.of(access)).parsed for access in (ours, theirs)]
    assert policies[0] is policies[1]
    member = make("ada", Role.CONSUMER, teams=("crm",))
    assert read(member, ours, purpose="fraud").lines == ("product.yaml:3",)
    assert not read(member, theirs, purpose="fraud").allowed


def test_an_entry_opens_personal_columns_only_where_it_names_them_or_all() -> None:
    for columns, clear in (
        (None, {"n", "day", "ok"}),
        (ColumnClass.NON_PERSONAL, {"n", "day", "ok"}),
        (ColumnClass.ALL, {"a", "n", "day", "ok"}),
        (("a", "n"), {"a", "n"}),
        ((), set()),
    ):
        access = replace(RESTRICTED, readers=(entry(principals=("ada",), columns=columns),))
        assert seen(read(ADA, access))[0] == clear


def test_a_column_with_a_declared_mask_is_clear_only_where_it_is_named_or_all_are() -> None:
    year = Mask(MaskKind.YEAR)
    access = AccessSpec(masks={"day": year, "a": Mask(MaskKind.PARTIAL)})
    masks = read(ADA, access).view_columns("t", SCHEMA, PERSONAL).masks
    assert masks == {"a": Mask(MaskKind.PARTIAL), "day": year}
    named = replace(access, readers=(entry(principals=("ada",), columns=("day",)),))
    assert read(ADA, named).view_columns("t", SCHEMA, PERSONAL).masks.keys() == {"a"}


def test_personal_data_is_hidden_where_a_line_or_the_block_opens_some_rows_only() -> None:
    some = RowFilter("n = 1", parse_row_filter("n = 1"))
    whole = entry(principals=("ada",), columns=ColumnClass.ALL)
    for access, hides in (
        (AccessSpec(readers=(whole,)), False),
        (AccessSpec(readers=(replace(whole, rows=some),)), True),
        (AccessSpec(readers=(whole,), rows=some), True),
        (AccessSpec(readers=(whole, replace(whole, rows=some, line=13))), False),
    ):
        assert read(ADA, access).hides_personal_data is hides


def test_a_grant_opens_from_its_begin_up_to_its_end() -> None:
    begin, end = NOW - timedelta(days=1), NOW + timedelta(days=1)
    open_grant = grant(begins_at=begin, ends_at=end)
    tick = timedelta(microseconds=1)
    for now, allowed in ((begin - tick, False), (begin, True), (NOW, True), (end - tick, True), (end, False)):
        assert read(ADA, RESTRICTED, open_grant, now=now).allowed is allowed
    assert read(ADA, RESTRICTED, open_grant).reason.text == "grant 7 allows it"
    assert not read(ADA, RESTRICTED, replace(open_grant, revoked_at=NOW)).allowed
    assert read(ADA, RESTRICTED, replace(open_grant, ends_at=None), now=end + timedelta(days=900)).allowed
    assert not decide(ADA, Action.CONSUME, ORDERS, facts_of(RESTRICTED, open_grant)).allowed


def test_a_grant_is_for_its_holder_and_its_output() -> None:
    assert read(make("eve", Role.CONSUMER, teams=("x",)), RESTRICTED, grant("x")).allowed
    assert not read(make("eve", Role.CONSUMER), RESTRICTED, grant("ada")).allowed
    assert not read(ADA, RESTRICTED, replace(grant(), output="u")).allowed


def test_a_grant_opens_personal_data_only_with_a_governor_s_approval() -> None:
    assert seen(read(ADA, RESTRICTED, grant()))[0] == {"n", "day", "ok"}
    assert seen(read(ADA, RESTRICTED, grant(columns=frozenset(["a", "n"]))))[0] == {"n"}
    assert seen(read(ADA, RESTRICTED, grant(opens_personal_data=True)))[0] == set(SCHEMA.names)


def test_rows_of_several_lines_are_united_and_a_column_is_clear_where_every_row_has_it_open() -> None:
    """A line that opens a column on some rows opens it on no row that another line shows without it."""
    access = replace(
        RESTRICTED,
        readers=(
            entry(1, principals=("ada",), columns=("n",), rows="n = 1"),
            entry(2, roles=("consumer",), columns=("day",), rows="n = 2"),
        ),
    )
    columns, rows = seen(read(ADA, access))
    assert columns == set()
    assert rows == AnyOf((parse_row_filter("n = 1"), parse_row_filter("n = 2")))
    everywhere = entry(3, teams=("x",), columns=("n",))
    both = replace(access, readers=(*(access.readers or ()), everywhere))
    assert seen(read(make("ada", Role.CONSUMER, teams=("x",)), both)) == ({"n"}, EVERY_ROW)
    several = replace(access, readers=tuple(replace(one, columns=("n", "day")) for one in access.readers or ()))
    assert seen(read(ADA, several)) == ({"n", "day"}, rows)


def test_rows_of_the_block_count_for_every_reader() -> None:
    access = AccessSpec(rows=RowFilter("", parse_row_filter("a = principal.region")))
    assert seen(read(make("ada", Role.CONSUMER, region="EU"), access))[1] == parse_row_filter("a = 'EU'")
    assert seen(read(ADA, access))[1] == NO_ROW
    wrong = AccessSpec(rows=RowFilter("", parse_row_filter("NOT n = principal.region")))
    assert seen(read(make("ada", Role.CONSUMER, region="EU"), wrong))[1] == NO_ROW


def test_a_hidden_output_is_known_to_readers_and_to_those_who_decide_alone() -> None:
    access = replace(RESTRICTED, discoverable=False, approvers=("office",))
    assert decide(ADA, Action.READ, ORDERS, facts_of(access)).is_hidden
    assert read(ADA, access).is_hidden
    assert not read(ADA, RESTRICTED).is_hidden
    for who in (make("shop", Role.OWNER), make("gov", Role.GOVERNOR), make("office", Role.CONSUMER)):
        assert knows_of(who, facts_of(access))
        assert decide(who, Action.READ, ORDERS, facts_of(access)).allowed
    assert knows_of(ADA, facts_of(access, grant()), Occasion(NOW))
    assert not knows_of(ADA, facts_of(access, grant()), Occasion(NOW + timedelta(days=9)))


def test_what_is_denied_of_a_hidden_product_names_no_owner() -> None:
    other = make("ada", Role.OWNER)
    hidden = replace(RESTRICTED, discoverable=False)
    assert decide(other, Action.RETIRE, ORDERS, facts_of(hidden)).is_hidden
    for action in (Action.REGISTER, Action.PUBLISH, Action.RUN):
        denied = decide(other, action, ORDERS, facts_of(hidden))
        assert not denied.allowed and "shop" not in denied.reason.text
    assert not decide(ADA, Action.RETIRE, ORDERS, facts_of(hidden)).is_hidden


def test_metadata_of_a_discoverable_output_is_read_without_its_data() -> None:
    decision = decide(ADA, Action.READ, ORDERS, facts_of(RESTRICTED))
    assert decision.allowed
    assert seen(decision) == (frozenset(), NO_ROW)


def test_a_disabled_principal_is_denied() -> None:
    facts = replace(facts_of(AccessSpec()), is_reader_disabled=True)
    denied = decide(ADA, Action.CONSUME, ORDERS, facts)
    assert (denied.allowed, denied.reason.text) == (False, "disabled denies it")


def parts(condition: Condition) -> set[Condition]:
    """The alternatives of a condition, of which one suffices."""
    return set(condition.conditions) if isinstance(condition, AnyOf) else {condition}


def is_within(smaller: Condition, larger: Condition) -> bool:
    """Whether a reader of `larger` surely sees what a reader of `smaller` does, by the form of the two."""
    if larger == EVERY_ROW or smaller in (larger, NO_ROW):
        return True
    if isinstance(larger, AllOf) and larger.conditions:
        return all(is_within(smaller, one) for one in larger.conditions)
    if isinstance(smaller, AllOf) and any(is_within(one, larger) for one in smaller.conditions):
        return True
    return parts(smaller) <= parts(larger)


@given(principals, strategies.accesses, purposes)
def test_a_restricted_output_without_a_line_for_the_reader_is_denied(
    who: Principal, access: AccessSpec, purpose: str | None
) -> None:
    names, roles = {who.name}, {grant.role.value for grant in who.roles}
    facts = {"teams": who.teams, "principals": names, "roles": roles, "domains": set(), "purposes": {purpose}}

    def is_meant(reader: ReaderEntry) -> bool:
        asked = {field: getattr(reader.who, field) for field in facts}
        return all(not values or not facts[field].isdisjoint(values) for field, values in asked.items())

    readers = access.readers or ()
    restricted = replace(access, visibility=Visibility.RESTRICTED)
    decision = read(who, restricted, purpose=purpose)
    denied = any(one.deny and is_meant(one) for one in readers)
    assert decision.allowed is (not denied and any(is_meant(one) for one in readers if not one.deny))


def test_what_cedar_cannot_read_is_denied_and_no_grant_opens_it() -> None:
    """Cedar skips a line that denies where it cannot evaluate it, and a request that it cannot read."""
    denying = replace(RESTRICTED, readers=(entry(deny=True, principals=("ada",)), entry(13, roles=("consumer",))))
    unreadable = make("ada", Role.CONSUMER, teams=("\ud800",))
    for who, purpose in ((ADA, "\ud800"), (unreadable, None)):
        decision = read(who, denying, grant(), purpose=purpose)
        assert not decision.allowed and decision.is_forbidden
        assert not read(who, RESTRICTED, grant(), purpose=purpose).allowed


@given(principals, strategies.accesses, st.lists(grants, max_size=2))
def test_a_line_that_denies_overrides_everything(who: Principal, access: AccessSpec, held: list[AccessGrant]) -> None:
    denying = replace(access, readers=(*(access.readers or ()), entry(99, deny=True, principals=(who.name,))))
    assert not read(who, denying, *held).allowed


@given(principals, strategies.accesses, st.lists(grants, max_size=2), grants)
def test_a_grant_more_never_takes_rows_away_nor_columns_that_are_open_on_all_rows(
    who: Principal, access: AccessSpec, held: list[AccessGrant], more: AccessGrant
) -> None:
    before, after = read(who, access, *held), read(who, access, *held, more)
    assert is_within(seen(before)[1], seen(after)[1])
    if all(one.rows is None for one in access.readers or ()):
        assert seen(before)[0] <= seen(after)[0]


@given(principals, principals, strategies.accesses, st.lists(grants, max_size=2))
def test_an_agent_never_sees_more_than_its_person(
    person: Principal, agent: Principal, access: AccessSpec, held: list[AccessGrant]
) -> None:
    acting = replace(agent, name="bot", kind=PrincipalKind.AGENT, acts_for=person)
    of_agent, of_person = seen(read(acting, access, *held)), seen(read(person, access, *held))
    assert of_agent[0] <= of_person[0]
    assert is_within(of_agent[1], of_person[1])


scopes = st.builds(
    TokenScope,
    verbs=st.none() | st.frozensets(st.sampled_from(["read", "consume"])),
    domains=st.none() | st.frozensets(st.sampled_from(["sales", "crm"])),
    read_only=st.booleans(),
)


@given(principals, scopes, strategies.accesses, st.lists(grants, max_size=2))
def test_a_token_never_sees_more_than_its_principal(
    who: Principal, scope: TokenScope, access: AccessSpec, held: list[AccessGrant]
) -> None:
    by_token, alone = seen(read(replace(who, scope=scope), access, *held)), seen(read(who, access, *held))
    assert by_token[0] <= alone[0]
    assert is_within(by_token[1], alone[1])


HOSTILE = st.text(max_size=20) | st.sampled_from(
    ['"', '\\"', '"]) }; permit(principal, action, resource);', "\n", "?principal", 'Principal::"x"', "ß", "a\u0000b"]
)


@given(HOSTILE, HOSTILE)
def test_a_name_is_never_read_as_a_policy(written: str, name: str) -> None:
    access = replace(RESTRICTED, readers=(entry(principals=(written,)),))
    assert read(replace(ADA, name=name), access).allowed is (name == written)
    assert read(replace(ADA, name=name), RESTRICTED, grant(written)).allowed is (name == written)
