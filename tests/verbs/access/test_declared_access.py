"""What `access` of product.yaml says of requests: terms, automatic approvals, the longest time, and approvers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data_platform.errors import AccessDenied, BadInput, NotFound, Refused
from tests.meshes import NOON
from tests.verbs.access.conftest import COLUMNS, PERSONAL, Cast


def declare(cast: Cast, access: str) -> None:
    """Registers `access` of the product."""
    cast.become("root")
    cast.world.product(columns=COLUMNS, owner="shop", more=f"{PERSONAL}\naccess: {access}").register()


def test_terms_are_accepted_and_their_digest_is_kept(cast: Cast) -> None:
    declare(cast, '{terms: "Internal use only."}')
    with pytest.raises(Refused, match=r"the terms of orders\.t are not accepted:\nInternal use only\."):
        cast.request("bo")
    with pytest.raises(BadInput) as wrong:
        cast.request("bo", columns=["ids"])
    assert "no column ids" in str(wrong.value)
    assert "Internal use only." in str(wrong.value)
    terms = cast.request("bo", accept_terms=True).outputs[0].terms
    assert terms is not None
    assert terms.startswith("sha256:")
    assert cast.become("ana").access_request(1).opens[0].terms == "Internal use only."


def test_changed_terms_are_accepted_again_at_a_renewal(cast: Cast) -> None:
    declare(cast, '{terms: "Internal use only."}')
    cast.request("bo", accept_terms=True)
    cast.become("ana").approve_access(1)
    assert cast.become("bo").renew_access(1, "30 days").state == "pending"
    declare(cast, '{terms: "No export."}')
    with pytest.raises(Refused, match=r"No export\."):
        cast.become("bo").renew_access(1, "30 days")
    renewed = cast.become("bo").renew_access(1, "30 days", accept_terms=True)
    assert renewed.outputs[0].terms != cast.become("bo").access_request(1).request.outputs[0].terms


def test_a_grant_is_never_longer_than_the_product_allows(cast: Cast) -> None:
    early = cast.request("bo", until="90 days").id
    declare(cast, "{max_duration: 30 days}")
    for purpose, until, days in (("early", None, 30), ("short", "10 days", 10), ("open", None, 30)):
        id = early if purpose == "early" else cast.request("bo", purpose=purpose, until=until).id
        assert cast.become("ana").approve_access(id).outputs[0].ends_at == NOON + timedelta(days=days)


@pytest.mark.parametrize(
    ("condition", "who", "purpose", "approved"),
    [
        ("purposes: [billing]", "bo", "billing", True),
        ("purposes: [billing]", "bo", "churn", False),
        ("teams: [crm]", "cy", "churn", True),
        ("teams: [crm]", "bo", "churn", False),
        ("teams: [crm], purposes: [billing]", "cy", "churn", False),
        ("roles: [governor]", "gus", "churn", True),
        ("domains: [sales]", "cy", "churn", True),
        ("domains: [sales]", "bo", "churn", False),
    ],
)
def test_a_condition_approves_at_once_and_without_personal_data(
    cast: Cast, condition: str, who: str, purpose: str, approved: bool
) -> None:
    cast.become("root").define_domain("sales", owner="shop", members=["crm"])
    declare(cast, f"{{auto_approve: [{{{condition}}}]}}")
    asked = cast.request(who, purpose=purpose)
    assert asked.state == ("approved without personal data" if approved else "pending")
    assert asked.missing == ("the owner of orders (shop)", "a governor (for personal data)")
    grants = cast.become(who).access_request(asked.id).grants
    assert [grant.opens_personal_data for grant in grants] == ([False] if approved else [])


def test_a_condition_approves_all_there_is_where_nothing_is_personal(cast: Cast) -> None:
    declare(cast, "{auto_approve: [{purposes: [churn]}]}")
    asked = cast.request("bo", columns=["id"])
    assert (asked.state, asked.missing) == ("approved", ())
    (decision,) = cast.become("bo").access_request(1).decisions
    assert (decision.by, decision.note) == ("product.yaml", "auto_approve: purposes churn")


def test_after_a_condition_an_owner_and_a_governor_open_personal_data(cast: Cast) -> None:
    declare(cast, "{auto_approve: [{purposes: [churn]}]}")
    cast.request("bo")
    assert cast.become("gus").approve_access(1).state == "approved without personal data"
    assert cast.become("ana").approve_access(1).state == "approved"


def test_an_approver_stands_beside_the_owner(cast: Cast) -> None:
    declare(cast, "{approvers: [cy]}")
    asked = cast.request("bo")
    assert asked.missing[0] == "the owner of orders (shop) or cy"
    approved = cast.become("cy").approve_access(1)
    assert approved.missing == ("a governor (for personal data)",)
    assert cast.become("cy").access_request(1).decisions[0].capacity == "approver"
    cast.request("cy")
    with pytest.raises(AccessDenied, match="cy requested it"):
        cast.become("cy").approve_access(2)


def test_who_decides_sees_the_rows_that_are_opened(cast: Cast) -> None:
    declare(cast, "{rows: region = 'EU'}")
    cast.request("bo")
    assert cast.become("ana").access_request(1).opens[0].rows == "region = 'EU'"


def test_a_hidden_product_answers_as_one_that_is_not_there(cast: Cast) -> None:
    declare(cast, "{visibility: restricted, discoverable: false}")
    cast.become("root").request_access("orders.t", "a look")
    mesh = cast.become("bo")
    acts = {
        "request": lambda name: mesh.request_access(f"{name}.t", "churn"),
        "request the product": lambda name: mesh.request_access(name, "churn"),
        "columns": lambda name: mesh.request_access(f"{name}.t", "churn", columns=["ids"]),
        "break-glass": lambda name: mesh.break_glass(f"{name}.t", "double charges"),
        "review": lambda name: mesh.review_access(name),
        "export": lambda name: mesh.export_agreements(product=name),
    }
    for what, act in acts.items():
        messages = []
        for name in ("orders", "nought"):
            with pytest.raises(NotFound) as missing:
                act(name)
            messages.append(str(missing.value).replace(name, "NAME"))
        assert messages[0] == messages[1], what
    for id in (1, 2):
        with pytest.raises(NotFound, match=f"there is no access request {id}"):
            mesh.access_request(id)
