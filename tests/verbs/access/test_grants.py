"""Grants over time: their ends, revocation, renewal, review, emergencies, and what else ends them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data_platform import Platform
from data_platform.errors import AccessDenied, NotFound, Refused
from data_platform.record.access import grants
from tests.meshes import NOON
from tests.verbs.access.conftest import COLUMNS, PERSONAL, Cast


def grant(cast: Cast, **options: object) -> int:
    """A request of Bo that Ana and Gus have approved."""
    id = cast.request("bo", **options).id  # type: ignore[arg-type]
    cast.become("ana").approve_access(id)
    if cast.become("bo").access_request(id).request.missing:
        cast.become("gus").approve_access(id)
    return id


def find_state(cast: Cast, id: int) -> str:
    return cast.become("bo").access_request(id).request.state


def count_open(cast: Cast, holder: str = "bo") -> int:
    with cast.world.mesh.record.reading() as conn:
        rows = grants.list_grants(conn, "orders", [holder])
    return sum(row.is_open(cast.world.clock()) for row in rows)


def read(mesh: Platform, *columns: str) -> None:
    mesh.consume("orders", "t").select(*columns).collect()


def test_a_grant_ends_at_its_end_with_every_clock_stopped_but_the_readers(cast: Cast) -> None:
    id = grant(cast, until=NOON + timedelta(days=1))
    assert (find_state(cast, id), count_open(cast)) == ("approved", 1)
    cast.world.clock.later(days=1, microseconds=-1)
    assert count_open(cast) == 1
    cast.world.clock.later(microseconds=1)
    assert (find_state(cast, id), count_open(cast)) == ("expired", 0)


def test_a_grant_without_an_end_has_a_review_date(cast: Cast) -> None:
    (row,) = [one for one in cast.become("bo").access_request(grant(cast)).grants if one.state == "open"]
    assert (row.ends_at, row.review_at) == (None, NOON + timedelta(days=180))
    cast.world.clock.later(days=181)
    (review,) = cast.become("ana").review_access()
    assert review.advice == ("unused", "past its review date")


@pytest.mark.parametrize("who", ["ana", "gus", "bo", "root"])
def test_owner_governor_and_holder_revoke(cast: Cast, who: str) -> None:
    id = grant(cast)
    (ended,) = cast.become(who).revoke_access(id)
    assert (ended.id, ended.state, ended.revoked_by) == ("1.2", "revoked", cast.world.transport.caller.principal.name)
    assert (find_state(cast, id), count_open(cast)) == ("revoked", 0)
    with pytest.raises(Refused, match=r"no grant of 1\.2 is open"):
        cast.become(who).revoke_access("1.2")


@pytest.mark.long
def test_others_revoke_nothing(cast: Cast) -> None:
    id = grant(cast)
    for missing in ("1.2", "1.7", "7.1"):
        with pytest.raises(NotFound, match=f"there is no grant '{missing}'"):
            cast.become("cy").revoke_access(missing)
        with pytest.raises(NotFound, match=f"there is no grant '{missing}'"):
            cast.become("cy").narrow_access(missing)
    for request in (id, 7):
        with pytest.raises(NotFound, match=f"there is no access request {request}"):
            cast.become("cy").revoke_access(request)
    with pytest.raises(NotFound):
        cast.become("ana").revoke_access("1.7")
    assert count_open(cast) == 1


def test_what_was_revoked_is_not_approved_further(cast: Cast) -> None:
    cast.request("bo")
    cast.become("ana").approve_access(1)
    cast.become("ana").revoke_access(1)
    with pytest.raises(Refused, match="request 1 is revoked"):
        cast.become("gus").approve_access(1)
    assert count_open(cast) == 0


def test_a_renewal_is_decided_and_then_replaces_the_grant(cast: Cast) -> None:
    grant(cast, until="10 days")
    renewal = cast.become("bo").renew_access("1.2", "90 days")
    assert (renewal.id, renewal.state, renewal.outputs[0].renews) == (2, "pending", "1.2")
    assert (renewal.purpose, renewal.holder) == ("churn", "bo")
    cast.become("ana").approve_access(2)
    cast.become("gus").approve_access(2)
    ends = {one.id: (one.state, one.revoked_for) for one in cast.become("bo").access_request(1).grants}
    assert ends["1.2"] == ("revoked", "renewed")
    assert count_open(cast) == 1
    cast.world.clock.later(days=11)
    assert (find_state(cast, 2), count_open(cast)) == ("approved", 1)


@pytest.mark.parametrize("who", ["bo", "ana"])
def test_a_renewal_ends_with_its_grant(cast: Cast, who: str) -> None:
    grant(cast, until="10 days")
    cast.become("bo").renew_access("1.2", "90 days")
    cast.become(who).revoke_access("1.2")
    assert find_state(cast, 2) == "revoked"
    for decider in ("ana", "gus"):
        assert cast.become(decider).undecided_access_requests() == []
        with pytest.raises(Refused, match="request 2 is revoked"):
            cast.become(decider).approve_access(2)
    assert count_open(cast) == 0


def test_of_two_renewals_one_is_approved(cast: Cast) -> None:
    cast.add("di", team="crm", kind="person")
    cast.request("cy", until="10 days", columns=["id"], team="crm")
    cast.become("ana").approve_access(1)
    for who in ("cy", "di"):
        cast.become(who).renew_access("1.1", "90 days")
    cast.become("ana").approve_access(2)
    cast.become("cy").revoke_access(2)
    with pytest.raises(Refused, match="request 3 is revoked"):
        cast.become("ana").approve_access(3)
    assert count_open(cast, "crm") == 0


def test_a_renewal_outlives_the_narrowing_of_its_grant(cast: Cast) -> None:
    grant(cast, until="10 days")
    cast.become("bo").renew_access("1.2", "90 days")
    read(cast.become("bo"), "id")
    cast.become("ana").narrow_access("1.2")
    assert find_state(cast, 2) == "pending"
    cast.become("bo").revoke_access("1.3")
    assert find_state(cast, 2) == "revoked"


def test_a_renewal_of_who_left_is_over(cast: Cast) -> None:
    grant(cast, until="10 days")
    cast.become("bo").renew_access("1.2", "90 days")
    cast.become("root").disable_principal("bo")
    cast.become("root").enable_principal("bo")
    with pytest.raises(Refused, match="request 2 is revoked"):
        cast.become("ana").approve_access(2)


def test_an_expired_grant_is_renewed_and_a_revoked_one_is_not(cast: Cast) -> None:
    grant(cast, until="1 day")
    cast.world.clock.later(days=2)
    assert cast.become("bo").renew_access(1, "30 days").state == "pending"
    grant(cast)
    cast.become("ana").revoke_access(3)
    with pytest.raises(Refused, match="request 3 is revoked"):
        cast.become("bo").renew_access(3, "30 days")
    with pytest.raises(NotFound):
        cast.become("cy").renew_access(1, "30 days")


def test_a_review_shows_what_was_really_read(cast: Cast) -> None:
    grant(cast)
    read(cast.become("bo"), "id")
    read(cast.become("cy"), "region")
    cast.world.clock.later(days=40)
    (review,) = cast.become("ana").review_access("orders")
    assert (review.reads, review.read_columns, review.unread_columns) == (1, ("id",), ("email", "region"))
    assert (review.last_read_at, review.advice) == (NOON, ("wider than used",))
    assert cast.become("gus").review_access() == [review]
    assert cast.become("bo").review_access() == []


def test_a_grant_is_narrowed_to_its_use(cast: Cast) -> None:
    grant(cast)
    with pytest.raises(Refused, match=r"bo has read nothing by the grant 1\.2"):
        cast.become("ana").narrow_access("1.2")
    read(cast.become("bo"), "id", "region")
    with pytest.raises(AccessDenied, match=r"bo may not change the grant 1\.2"):
        cast.become("bo").narrow_access("1.2")
    narrowed = cast.become("ana").narrow_access("1.2")
    assert (narrowed.id, narrowed.columns, narrowed.unread_columns) == ("1.3", ("id", "region"), ())
    assert count_open(cast) == 1
    with pytest.raises(Refused, match=r"the grant 1\.2 is not open"):
        cast.become("ana").narrow_access("1.2")
    with pytest.raises(Refused, match=r"bo has read every column of the grant 1\.3"):
        cast.become("ana").narrow_access("1.3")


def test_the_glass_is_broken_for_an_hour_and_opens_an_incident(cast: Cast) -> None:
    broken = cast.become("bo").break_glass("orders.t", "double charges since nine")
    assert broken.ends_at == NOON + timedelta(hours=1)
    assert count_open(cast) == 1
    (incident,) = cast.become("ana").incidents()
    assert (incident.id, incident.severity) == (broken.incident, "high")
    assert "bo broke the glass" in incident.summary
    (entry,) = cast.become("gus").audit_log(act="access")
    assert (entry.by, entry.details["did"], entry.details["reason"]) == (
        "bo",
        "glass broken",
        "double charges since nine",
    )
    cast.world.clock.later(hours=1)
    assert (find_state(cast, broken.request), count_open(cast)) == ("expired", 0)
    with pytest.raises(Refused, match="is emergency access, which is not renewed") as refusal:
        cast.become("bo").renew_access(broken.grant, "30 days")
    assert refusal.value.hint == "data-platform access request orders.t --purpose TEXT"


def test_who_decides_about_a_grant_does_not_renew_it_and_is_told_who_may(cast: Cast) -> None:
    id = grant(cast)
    with pytest.raises(AccessDenied, match=f"ana may not renew {id}: bo has it"):
        cast.become("ana").renew_access(id, "90 days")
    with pytest.raises(NotFound, match="there is no access request") as unknown:
        cast.become("cy").renew_access(id, "90 days")
    assert unknown.value.hint is not None and "access to-decide" in unknown.value.hint


def test_the_glass_is_broken_again_once_another_has_resolved_the_incident(cast: Cast) -> None:
    broken = cast.become("bo").break_glass("orders.t", "double charges")
    with pytest.raises(Refused, match=r"bo has access to orders\.t by the grant 1\.1 until 13:00 UTC"):
        cast.become("bo").break_glass("orders.t", "double charges")
    cast.world.clock.later(hours=1)
    with pytest.raises(Refused, match=f"incident {broken.incident} of an earlier emergency on orders"):
        cast.become("bo").break_glass("orders.t", "double charges")
    assert cast.become("cy").break_glass("orders.t", "double charges").incident != broken.incident
    cast.become("ana").resolve_incident(broken.incident, "looked into")
    assert cast.become("bo").break_glass("orders.t", "double charges again").request == 3


def test_nobody_resolves_the_incident_of_their_own_emergency(cast: Cast) -> None:
    cast.add("ann", "owner", team="shop", kind="person")
    broken = cast.become("ann").break_glass("orders.t", "double charges")
    with pytest.raises(AccessDenied, match="ann broke the glass: somebody else has to resolve incident"):
        cast.become("ann").resolve_incident(broken.incident)
    assert cast.become("ana").resolve_incident(broken.incident).resolved_by == "ana"


def test_an_agent_does_not_break_the_glass(cast: Cast) -> None:
    cast.add("bo-agent", "consumer", acts_for="bo", kind="agent")
    with pytest.raises(AccessDenied, match="bo-agent is an agent"):
        cast.become("bo-agent").break_glass("orders.t", "double charges")


def test_the_broken_glass_can_be_revoked(cast: Cast) -> None:
    broken = cast.become("bo").break_glass("orders.t", "double charges")
    cast.become("ana").revoke_access(broken.grant)
    assert count_open(cast) == 0


def test_a_new_major_a_new_name_and_a_new_owner_keep_grants(cast: Cast) -> None:
    id = grant(cast)
    cast.become("root")
    cast.world.product(
        columns={**COLUMNS, "id": {"type": "string"}}, owner="shop", output='version: "2.0.0"', more=PERSONAL
    ).register()
    assert find_state(cast, id) == "approved"
    cast.become("ana").transfer("orders", "crm")
    cast.become("root").define_domain("sales", owner="crm")
    cast.add("di", "owner", team="crm", kind="person")
    cast.become("di").accept_transfer("orders")
    assert find_state(cast, id) == "approved"
    cast.become("di").rename("orders", "purchases")
    (mine,) = cast.become("bo").own_access_requests()
    assert (mine.state, mine.outputs[0].product) == ("approved", "purchases")
    assert cast.become("di").revoke_access(id)[0].product == "purchases"


def test_the_end_of_an_output_ends_its_grants(cast: Cast) -> None:
    id = grant(cast)
    cast.request("cy")
    cast.become("root").deprecate("orders", "t", "30 days")
    cast.world.clock.later(days=31)
    cast.become("root").retire("orders", "t")
    row = cast.become("bo").access_request(id).grants[-1]
    assert (row.state, row.revoked_for) == ("revoked", "retired")
    assert cast.become("cy").own_access_requests()[0].state == "expired"


def test_the_end_of_a_product_ends_its_grants(cast: Cast) -> None:
    id = grant(cast)
    cast.become("root").retire_product("orders")
    assert cast.become("bo").access_request(id).grants[-1].revoked_for == "retired"


@pytest.mark.parametrize("way", ["disable", "offboard"])
def test_who_leaves_loses_grants_for_good(cast: Cast, way: str) -> None:
    grant(cast)
    root = cast.become("root")
    root.disable_principal("bo") if way == "disable" else root.offboard("bo")
    assert count_open(cast) == 0
    root.enable_principal("bo")
    assert count_open(cast) == 0


def test_a_request_of_who_left_is_not_approved(cast: Cast) -> None:
    cast.request("bo")
    cast.become("root").disable_principal("bo")
    with pytest.raises(Refused, match="bo, who would get the access, is disabled"):
        cast.become("ana").approve_access(1)
