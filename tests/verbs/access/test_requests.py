"""Requests, approvals and denials: what opens when, and who may decide."""

from __future__ import annotations

import re

import pytest

from data_platform.errors import AccessDenied, BadInput, NotFound, Refused
from tests.meshes import NOON
from tests.verbs.access.conftest import COLUMNS, Cast

OWNER, GOVERNOR = "the owner of orders (shop)", "a governor (for personal data)"


def list_open(cast: Cast, name: str = "bo") -> list[tuple[str, bool]]:
    """The open grants of a principal, each with whether it opens personal data."""
    mine = cast.become(name).own_access_requests()
    grants = [grant for one in mine for grant in cast.world.platform.access_request(one.id).grants]
    return sorted((grant.id, grant.opens_personal_data) for grant in grants if grant.state == "open")


def test_an_owner_opens_what_is_not_personal_and_a_governor_the_rest(cast: Cast) -> None:
    asked = cast.request("bo", until="90 days")
    assert (asked.id, asked.state, asked.missing) == (1, "pending", (OWNER, GOVERNOR))
    assert asked.outputs[0].personal_data == ("email",)
    partly = cast.become("ana").approve_access(1, "for this quarter")
    assert (partly.state, partly.missing) == ("approved without personal data", (GOVERNOR,))
    assert list_open(cast) == [("1.1", False)]
    approved = cast.become("gus").approve_access(1)
    assert (approved.state, approved.missing) == ("approved", ())
    assert list_open(cast) == [("1.2", True)]


def test_a_governor_who_approves_first_opens_nothing(cast: Cast) -> None:
    cast.request("bo")
    assert cast.become("gus").approve_access(1).state == "pending"
    assert list_open(cast) == []
    assert cast.become("ana").approve_access(1).state == "approved"
    assert list_open(cast) == [("1.1", True)]


def test_columns_without_personal_data_need_no_governor(cast: Cast) -> None:
    asked = cast.request("bo", columns=["id", "region"])
    assert asked.missing == (OWNER,)
    with pytest.raises(
        AccessDenied, match=rf"gus has nothing to decide about request 1: it waits for {re.escape(OWNER)}"
    ):
        cast.become("gus").approve_access(1)
    assert cast.become("ana").approve_access(1).state == "approved"
    (grant,) = cast.become("bo").access_request(1).grants
    assert (grant.columns, grant.opens_personal_data) == (("id", "region"), False)


def test_a_column_that_becomes_personal_waits_for_a_governor(cast: Cast) -> None:
    cast.request("bo", columns=["id", "region"])
    cast.become("ana").approve_access(1)
    cast.become("root")
    cast.world.product(columns=COLUMNS, owner="shop", more="pii_columns: [email, region]").register()
    (mine,) = cast.become("bo").own_access_requests()
    assert (mine.state, mine.missing) == ("approved without personal data", (GOVERNOR,))


def test_nobody_decides_about_their_own_request(cast: Cast) -> None:
    cast.add("ana-agent", "owner", team="shop", acts_for="ana", kind="agent")
    for requester, decider in (("ana", "ana"), ("ana", "ana-agent"), ("ana-agent", "ana"), ("gus", "gus")):
        id = cast.request(requester).id
        with pytest.raises(AccessDenied, match=f"{decider} may not decide about request {id}"):
            cast.become(decider).approve_access(id)


def test_a_member_of_a_team_does_not_decide_about_it(cast: Cast) -> None:
    cast.add("di", "owner", team="shop", kind="person")
    asked = cast.request("cy", team="crm")
    cast.become("root").add_member("crm", "di")
    cast.add("di", "owner", kind="person")
    for member in ("cy", None):
        if member is None:
            cast.become("root").remove_member("crm", "cy")
        with pytest.raises(AccessDenied, match="di is in crm, which would get the access"):
            cast.become("di").approve_access(asked.id)
        assert cast.become("di").undecided_access_requests() == []
    assert cast.become("ana").approve_access(asked.id).state == "approved without personal data"


def test_neither_a_governor_nor_an_agent_decides_about_its_team(cast: Cast) -> None:
    asked = cast.request("cy", team="crm")
    cast.become("root").add_member("crm", "gus")
    cast.add("ana-agent", "consumer", team="crm", acts_for="ana", kind="agent")
    for member, person in (("gus", "gus"), ("ana", "ana"), ("ana-agent", "ana")):
        with pytest.raises((AccessDenied, NotFound)):
            cast.become(member).approve_access(asked.id)
        with pytest.raises((AccessDenied, NotFound)):
            cast.become(person).deny_access(asked.id, "no")
    assert cast.become("gina").approve_access(asked.id).state == "pending"


def test_one_principal_gives_one_approval(cast: Cast) -> None:
    cast.become("root").grant_role("ana", "governor")
    cast.add("ana", "admin", kind="person")
    cast.request("bo")
    cast.become("ana").approve_access(1)
    with pytest.raises(AccessDenied, match=rf"ana has approved request 1 already; it waits for {re.escape(GOVERNOR)}"):
        cast.become("ana").approve_access(1)
    assert cast.become("gus").approve_access(1).state == "approved"


def test_who_opened_the_home_may_give_both_approvals(cast: Cast) -> None:
    cast.request("bo")
    assert cast.become("root").approve_access(1).state == "approved without personal data"
    assert cast.become("root").approve_access(1).state == "approved"
    decisions = cast.world.platform.access_request(1).decisions
    assert [decision.capacity for decision in decisions] == ["owner", "governor"]
    entries = [entry for entry in cast.world.platform.audit_log(act="access") if entry.details["did"] == "approved"]
    assert {entry.verified for entry in entries} == {False}


def test_a_denial_says_why_and_leaves_what_is_open(cast: Cast) -> None:
    cast.request("bo")
    with pytest.raises(BadInput, match="a denial says why"):
        cast.become("ana").deny_access(1, " ")
    assert cast.become("ana").deny_access(1, "use orders_daily").state == "denied"
    with pytest.raises(Refused, match="request 1 is denied: there is nothing to decide"):
        cast.become("ana").approve_access(1)
    cast.request("bo")
    cast.become("ana").approve_access(2)
    denied = cast.become("gus").deny_access(2, "no need for addresses")
    assert (denied.state, denied.missing) == ("approved without personal data", ())
    assert list_open(cast) == [("2.1", False)]


def test_several_outputs_have_one_purpose_and_each_its_decision(cast: Cast) -> None:
    cast.become("root")
    cast.world.product("bills", COLUMNS, owner="crm").register()
    asked = cast.request("bo", "orders", "bills.t", "orders.t")
    assert [f"{output.product}.{output.output}" for output in asked.outputs] == ["orders.t", "bills.t"]
    partly = cast.become("ana").approve_access(1)
    assert [output.state for output in partly.outputs] == ["approved without personal data", "pending"]
    with pytest.raises(NotFound, match=r"request 1 does not ask for orders\.x"):
        cast.become("ana").approve_access(1, outputs=["orders.x"])
    with pytest.raises(AccessDenied, match="ana may not decide about these outputs"):
        cast.become("ana").approve_access(1, outputs=["bills.t"])
    assert cast.become("gus").deny_access(1, "no", outputs=["orders.t"]).state == "pending"


def test_all_wrong_names_are_reported_at_once(cast: Cast) -> None:
    with pytest.raises(NotFound) as missing:
        cast.request("bo", "order.t", "orders.x", "bills")
    assert all(name in str(missing.value) for name in ("order", "orders has no output x", "bills"))
    with pytest.raises(BadInput) as wrong:
        cast.request("bo", columns=["ids", "mail"])
    assert "ids; did you mean id?" in str(wrong.value)
    assert "mail; did you mean email?" in str(wrong.value)
    with pytest.raises(BadInput, match="no column nope; its columns are id, email, region"):
        cast.request("bo", columns=["id", "nope"])
    with pytest.raises(BadInput, match="a reason has 1 to 2,000 characters"):
        cast.become("bo").break_glass("orders.t", reason="")
    with pytest.raises(BadInput, match="not in the future"):
        cast.request("bo", until=NOON)
    with pytest.raises(BadInput, match="a purpose has 1 to 2,000 characters"):
        cast.request("bo", purpose=" ")
    assert cast.become("bo").own_access_requests() == []


def test_a_request_is_of_oneself_or_of_a_team_of_ones_own(cast: Cast) -> None:
    with pytest.raises(NotFound, match="bo is in no team crm"):
        cast.request("bo", team="crm")
    assert cast.request("cy", team="crm").holder == "crm"
    cast.add("di", "consumer", team="crm", kind="person")
    assert [one.id for one in cast.become("di").own_access_requests()] == [1]
    assert cast.become("bo").own_access_requests() == []


def test_strangers_do_not_see_a_request(cast: Cast) -> None:
    cast.request("bo")
    for missing in (1, 7):
        with pytest.raises(NotFound, match=f"there is no access request {missing}"):
            cast.become("cy").access_request(missing)
        with pytest.raises(NotFound, match=f"there is no access request {missing}"):
            cast.become("cy").withdraw_access_request(missing)
        with pytest.raises(NotFound, match=f"there is no access request {missing}"):
            cast.become("cy").approve_access(missing)
        with pytest.raises(NotFound, match=f"there is no access request {missing}"):
            cast.become("cy").deny_access(missing, "no")
        with pytest.raises(NotFound, match=f"there is no access request {missing}"):
            cast.become("cy").revoke_access(missing)


def test_a_party_that_does_not_decide_is_told_so(cast: Cast) -> None:
    cast.request("cy", team="crm")
    cast.become("root").remove_member("crm", "cy")
    with pytest.raises(AccessDenied, match="cy may not decide about request 1: cy requested it"):
        cast.become("cy").approve_access(1)


def test_a_request_is_withdrawn_by_its_requester(cast: Cast) -> None:
    cast.request("bo")
    assert cast.become("bo").withdraw_access_request(1).state == "withdrawn"
    with pytest.raises(Refused, match="request 1 is withdrawn"):
        cast.become("bo").withdraw_access_request(1)
    with pytest.raises(Refused, match="request 1 is withdrawn"):
        cast.become("ana").approve_access(1)


def test_what_waits_for_whom_is_listed(cast: Cast) -> None:
    cast.request("bo")
    cast.request("ana")
    cast.request("bo", columns=["id"])
    waiting = {name: [one.id for one in cast.become(name).undecided_access_requests()] for name in ("ana", "gus", "bo")}
    assert waiting == {"ana": [3, 1], "gus": [2, 1], "bo": []}
    cast.become("ana").approve_access(1)
    assert [one.id for one in cast.become("ana").undecided_access_requests()] == [3]


def test_who_decides_sees_what_the_decision_opens(cast: Cast) -> None:
    cast.become("root")
    derived = cast.world.product("reports", COLUMNS, owner="shop", more="inputs: [{data_product: orders, output: t}]")
    derived.register()
    cast.request("bo")
    (opened,) = cast.become("ana").access_request(1).opens
    assert (opened.columns, opened.personal_data) == (("id", "email", "region"), ("email",))
    assert (opened.rows, opened.derived) == (None, ("reports",))


def test_a_request_ends_unanswered_at_its_end(cast: Cast) -> None:
    cast.request("bo", until="1 day")
    cast.world.clock.later(days=1)
    assert cast.become("bo").own_access_requests()[0].state == "expired"
    with pytest.raises(Refused, match="request 1 is expired"):
        cast.become("ana").approve_access(1)


def test_the_audit_log_and_the_events_say_who_decided(cast: Cast) -> None:
    cast.request("bo")
    cast.become("ana").approve_access(1)
    cast.become("gus").deny_access(1, "no")
    entries = list(reversed(cast.become("root").audit_log(act="access")))
    assert [(entry.by, entry.verified, entry.details["did"]) for entry in entries] == [
        ("bo", True, "requested"),
        ("ana", True, "approved"),
        ("gus", True, "denied"),
    ]
    assert {entry.subject for entry in entries} == {"orders.t"}
