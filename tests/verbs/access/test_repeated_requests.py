"""A request that is made again while it waits is the one that waits, and its end is one that can be granted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data_platform.errors import Refused
from tests.meshes import NOON
from tests.verbs.access.conftest import Cast
from tests.verbs.access.test_declared_access import declare

FIELDS = {"until": "90 days", "columns": ["id", "email"]}


def test_a_pending_request_made_again_is_the_same_one(cast: Cast) -> None:
    first = cast.request("bo", **FIELDS)
    events = len(cast.become("root").audit_log())
    cast.world.clock.later(hours=1)
    again = cast.request("bo", until="90 days", columns=["email", "id"])
    assert (again.id, again.until) == (first.id, first.until)
    assert len(cast.become("root").audit_log()) == events
    cast.become("ana").approve_access(1)
    assert cast.request("bo", **FIELDS).id == 1  # it waits for a governor
    cast.become("gus").approve_access(1)
    assert cast.request("bo", **FIELDS).id == 2


@pytest.mark.parametrize(
    "other", [{"purpose": "audit"}, {"columns": ["id"]}, {"columns": None}], ids=["purpose", "columns", "all columns"]
)
def test_a_request_for_something_else_is_another(cast: Cast, other: dict[str, object]) -> None:
    cast.request("bo", **FIELDS)
    assert cast.request("bo", **(FIELDS | other)).id == 2
    assert cast.request("cy", **FIELDS).id == 3
    assert cast.request("cy", **FIELDS, team="crm").id == 4


@pytest.mark.parametrize("end", ["deny", "withdraw"])
def test_a_request_that_was_decided_or_withdrawn_may_be_made_again(cast: Cast, end: str) -> None:
    cast.request("bo")
    if end == "deny":
        cast.become("ana").deny_access(1, "no")
    else:
        cast.become("bo").withdraw_access_request(1)
    assert cast.request("bo").id == 2


def test_another_end_for_a_pending_request_is_refused_with_its_number(cast: Cast) -> None:
    cast.request("bo", until="30 days")
    with pytest.raises(Refused, match=r"request 1 asks for the same until 2026-12-23 .*, and is") as why:
        cast.request("bo", until="90 days")
    assert "withdraw 1" in str(why.value.hint)


def test_terms_that_changed_make_another_request(cast: Cast) -> None:
    cast.request("bo")
    declare(cast, '{terms: "No export."}')
    assert cast.request("bo", accept_terms=True).id == 2


def test_a_renewal_made_again_is_the_same_one(cast: Cast) -> None:
    cast.request("bo", columns=["id"])
    cast.become("ana").approve_access(1)
    first = cast.become("bo").renew_access("1.1", "30 days")
    assert cast.become("bo").renew_access("1.1", "30 days").id == first.id == 2
    cast.become("ana").approve_access(2)
    assert cast.become("bo").renew_access("2.1", "30 days").id == 3


def test_an_end_after_the_longest_time_is_refused_with_the_latest(cast: Cast) -> None:
    declare(cast, "{max_duration: 30 days}")
    latest = NOON + timedelta(days=30)
    with pytest.raises(Refused, match=rf"orders.t .* at most 30 days: until {latest:%Y-%m-%d %H:%M} UTC"):
        cast.request("bo", until="90 days")
    cast.request("bo", until="30 days", columns=["id"])
    cast.become("ana").approve_access(1)
    with pytest.raises(Refused, match=r"at most 30 days"):
        cast.become("bo").renew_access(1, "31 days")
    assert cast.become("bo").own_access_requests()[0].id == 1
