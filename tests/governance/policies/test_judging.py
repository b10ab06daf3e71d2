"""Policies over products: levels, attestations, what is unknown, and what the mission text's own policies say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.errors import InvalidSpec
from data_platform.governance.policies import (
    AttestationFact,
    AuditTrail,
    Breakage,
    Facts,
    Need,
    PolicyFinding,
    compile_policies,
    judge,
)
from data_platform.spec.policies import Enforcement, Evolution, Mode, PolicyScope, load_policies, read_policies
from data_platform.spec.policies.policy import Policy, PolicySet
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.loading import load_product
from tests.governance.judged import NOW, compiled, contract, facts

MISSION = Path(__file__).parents[4] / "shared/mission/example"

RULES = """\
policies:
  - name: retention
    enforcement: warning
    rule: {type: metadata-check, condition: ASSERT product.retention_days IS NOT NULL}
  - name: compatible
    rule: {type: schema-evolution, mode: full-transitive, unread_for: 30 days}
domain_policies:
  finance:
    - name: retention
      enforcement: blocking
    - name: audit-trail
    - name: dpo-approval
      enforcement: warning
"""


@pytest.fixture
def mission() -> Contract:
    if not MISSION.is_dir():
        pytest.skip("the mission's example is not beside this checkout")
    loaded = load_product(MISSION)
    return Contract(loaded.product, loaded.schemas)


def unbroken(evolution: Evolution) -> list[Breakage]:
    return []


def test_the_missions_product_has_one_warning_under_the_missions_policies(mission: Contract) -> None:
    policies = compile_policies(load_policies(MISSION / "policies.yaml").set)
    (finding,) = judge(policies, Facts(mission, NOW, breaks=unbroken))
    assert finding == PolicyFinding(
        "data-retention",
        PolicyScope.GLOBAL,
        Enforcement.WARNING,
        "orders-data-product",
        "product.retention_days IS NOT NULL does not hold: product.retention_days is not declared",
    )


def test_a_pii_column_in_clear_is_refused(mission: Contract) -> None:
    policies = compile_policies(load_policies(MISSION / "policies.yaml").set)
    schema = mission.schemas["orders_fact"]
    columns = [replace(c, encryption="none") if c.name == "customer_email" else c for c in schema]
    schemas = {**mission.schemas, "orders_fact": replace(schema, columns=tuple(columns))}
    findings = judge(policies, Facts(replace(mission, schemas=schemas), NOW, breaks=unbroken))
    assert [(f.policy, f.subject, f.blocks) for f in findings] == [
        ("pii-encryption", "orders_fact.customer_email", True),
        ("data-retention", "orders-data-product", False),
    ]


def test_a_domain_adds_policies_and_raises_warnings() -> None:
    policies = compiled(RULES)
    given = {"breaks": unbroken, "audit_trail": AuditTrail(False, "entry 7 is missing"), "attestations": ()}
    commerce = judge(policies, facts(contract(), **given))
    assert [(f.policy, f.level, f.enforcement) for f in commerce] == [
        ("retention", PolicyScope.GLOBAL, Enforcement.WARNING)
    ]
    finance = judge(policies, facts(contract(domain="finance"), **given))
    assert [(f.policy, f.level, f.enforcement, f.undecided) for f in finance] == [
        ("retention", PolicyScope.DOMAIN, Enforcement.BLOCKING, False),
        ("audit-trail", PolicyScope.DOMAIN, Enforcement.BLOCKING, False),
        ("dpo-approval", PolicyScope.DOMAIN, Enforcement.WARNING, False),
    ]
    assert finance[1].reason == "entry 7 is missing"
    assert "data-platform policies attest sales dpo-approval" in finance[2].reason


def test_an_attestation_holds_until_it_expires() -> None:
    policies = compiled("policies: [{name: dpo-approval}]")
    given_word = AttestationFact("dpo-approval", "ann@example.org", NOW + timedelta(days=1), "ticket 7")
    assert judge(policies, facts(attestations=[given_word])) == ()
    other = replace(given_word, policy="other")
    (unattested,) = judge(policies, facts(attestations=[other]))
    assert unattested.reason.startswith("nobody has attested it")
    expired = replace(given_word, expires_at=NOW)
    (late,) = judge(policies, facts(attestations=[other, expired]))
    assert late.reason.startswith("the attestation by ann@example.org expired on 2026-11-23")


def test_what_breaks_is_told_and_what_nobody_reads_is_a_warning() -> None:
    asked: list[Evolution] = []

    def breaks(evolution: Evolution) -> list[Breakage]:
        asked.append(evolution)
        return [Breakage("orders.a", "was removed"), Breakage("orders.b", "was removed", tolerated=True)]

    findings = judge(compiled(RULES), facts(contract(retention_days=9), breaks=breaks))
    assert asked == [Evolution(Mode.FULL_TRANSITIVE, timedelta(days=30))]
    assert [(f.subject, f.enforcement) for f in findings] == [
        ("orders.a", Enforcement.BLOCKING),
        ("orders.b", Enforcement.WARNING),
    ]


def test_what_is_unknown_is_undecided_and_refuses() -> None:
    findings = judge(compiled(RULES), facts(contract(domain="finance", retention_days=9)))
    assert [(f.policy, f.undecided, f.blocks) for f in findings] == [
        ("compatible", True, True),
        ("audit-trail", True, True),
        ("dpo-approval", True, False),
    ]
    assert findings[0].reason == "it cannot be decided: what this change breaks is not known here"


def test_a_caller_leaves_out_what_is_judged_at_another_moment() -> None:
    policies = compiled(RULES)
    assert policies.needs == {Need.BREAKS, Need.TIME, Need.AUDIT_TRAIL, Need.ATTESTATIONS}
    left_out = (Need.BREAKS, Need.AUDIT_TRAIL, Need.ATTESTATIONS)
    findings = judge(policies, facts(contract(domain="finance")), without=left_out)
    assert [f.policy for f in findings] == ["retention"]


def test_a_condition_that_fails_is_undecided() -> None:
    broken = contract(retention_days=9)
    object.__setattr__(broken.product, "retention_days", "9")
    (finding,) = judge(compiled(CONDITION.format("product.retention_days > 3")), facts(broken))
    assert finding.undecided
    assert "its condition failed (TypeError" in finding.reason


CONDITION = """\
policies:
  - name: p
    rule:
      type: metadata-check
      condition: |
        ASSERT {}
"""


def test_problems_of_conditions_have_their_place_in_the_file() -> None:
    text = (
        "policies:\n- name: a\n  rule:\n    type: schema-check\n    condition: |\n\n"
        "      FOR column IN schema.columns\n      ASSERT column.tag CONTAINS 'x'\n"
        "- name: b\n  rule: {type: metadata-check, condition: 'ASSERT product.nam = ''x'''}\n"
        "- name: c\n  rule:\n    type: metadata-check\n    condition: >-\n      ASSERT\n      product.owner = 3\n"
    )
    with pytest.raises(InvalidSpec) as caught:
        compile_policies(read_policies(text, "p.yaml").set, "p.yaml")
    assert [str(problem).splitlines()[0] for problem in caught.value.problems] == [
        "p.yaml:8:21: a: a column has no `tag`",
        "p.yaml:10:59: b: a product has no `nam`",
        "p.yaml:16:23: c: product.owner is text, and 3 is a number: they cannot be compared",
    ]


def test_doubts_are_warnings_with_their_place() -> None:
    (doubt,) = compiled(CONDITION.format("product.owner IS NOT NULL")).warnings
    assert str(doubt).startswith("policies.yaml:6:16: p: product.owner is never NULL")


TEXTS = (
    "product.retention_days <= 100",
    "product.description IS NOT NULL",
    "column.description IS NOT NULL",
    "any(tag IN product.tags WHERE tag = 'a')",
)
ENFORCEMENTS = st.sampled_from(list(Enforcement))
PICKED = st.dictionaries(st.sampled_from(range(len(TEXTS))), ENFORCEMENTS)


def policy_set(picked: dict[int, Enforcement], raised: dict[int, Enforcement]) -> PolicySet:
    def of(number: int, enforcement: Enforcement, domain: str | None) -> Policy:
        text = CONDITION.format(TEXTS[number])
        (policy,) = read_policies(text, "p").set.policies
        return replace(policy, name=f"p{number}", enforcement=enforcement, domain=domain)

    shared = tuple(of(number, enforcement, None) for number, enforcement in picked.items())
    return PolicySet(shared, {"commerce": tuple(of(n, e, "commerce") for n, e in raised.items())})


@given(PICKED, PICKED, st.integers(1, 200) | st.none(), st.sampled_from(["it", None]), st.sampled_from(["a", "b"]))
def test_a_tightened_set_never_allows_what_the_looser_one_refused(
    picked: dict[int, Enforcement], more: dict[int, Enforcement], days: int | None, description: str | None, tag: str
) -> None:
    tighter = {n: e for n, e in more.items() if picked.get(n) is not Enforcement.BLOCKING or e is Enforcement.BLOCKING}
    product = facts(contract(retention_days=days, description=description, tags=(tag,)))
    before = judge(compile_policies(policy_set(picked, {})), product)
    after = judge(compile_policies(policy_set(picked, tighter)), product)
    assert {(f.policy, f.subject) for f in before} <= {(f.policy, f.subject) for f in after}
    assert {(f.policy, f.subject) for f in before if f.blocks} <= {(f.policy, f.subject) for f in after if f.blocks}
