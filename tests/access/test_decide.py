"""Who may do what."""

from __future__ import annotations

from data_platform.access.actions import Action, Resource
from data_platform.access.decide import decide
from data_platform.settings import Principal


def test_the_local_owner_may_do_everything_and_the_reason_says_that_the_name_is_on_trust() -> None:
    decision = decide(Principal("ana", local=True), Action.PUBLISH, Resource.of("orders", "orders_fact"))
    assert decision.allowed
    assert "ana (unverified)" in decision.reason


def test_whatever_nothing_allows_is_denied() -> None:
    for verified in (True, False):
        decision = decide(Principal("eve", verified=verified), Action.PUBLISH, Resource.of("orders", "orders_fact"))
        assert not decision.allowed
        assert "publish orders.orders_fact" in decision.reason
