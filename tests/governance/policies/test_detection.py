"""The strictest policy about undeclared personal data decides, and weakening one that blocks is seen."""

from __future__ import annotations

from itertools import product

import pytest

from data_platform.governance.policies import ActivePolicies, compile_policies
from data_platform.governance.policies.changed import list_policy_changes
from data_platform.spec.policies import PiiDetection, Policy, PolicySet


def policies(*modes: PiiDetection, sales: tuple[PiiDetection, ...] = ()) -> PolicySet:
    shared = tuple(Policy(f"p{at}", mode.enforcement, rule=mode) for at, mode in enumerate(modes))
    own = tuple(Policy(f"s{at}", mode.enforcement, domain="sales", rule=mode) for at, mode in enumerate(sales))
    return PolicySet(shared, {"sales": own} if own else {})


def active(policy_set: PolicySet) -> ActivePolicies:
    return ActivePolicies(1, compile_policies(policy_set))


def test_without_a_policy_it_warns() -> None:
    assert active(PolicySet()).get_pii_detection("sales") is PiiDetection.WARN


@pytest.mark.parametrize(("one", "other"), [*product(PiiDetection, PiiDetection)])
def test_the_strictest_decides(one: PiiDetection, other: PiiDetection) -> None:
    strictest = one if one.is_at_least(other) else other
    assert active(policies(one, other)).get_pii_detection("sales") is strictest
    raised = active(policies(one, sales=(other,)))
    assert (raised.get_pii_detection("sales"), raised.get_pii_detection("hr")) == (strictest, one)


@pytest.mark.parametrize(
    ("before", "after", "weakens"),
    [("block", "warn", True), ("block", "off", True), ("warn", "off", False), ("warn", "block", False)],
)
def test_only_what_blocked_is_weakened(before: str, after: str, weakens: bool) -> None:
    (change,) = list_policy_changes(policies(PiiDetection(before)), policies(PiiDetection(after)))
    assert change.weakens is weakens
    assert f"pii_detection {before} → {after}" in change.what


def test_no_longer_blocking_is_weakened_too_where_the_policy_goes() -> None:
    (change,) = list_policy_changes(policies(PiiDetection.BLOCK), PolicySet())
    assert change.weakens
