"""Cases beside a policy: read with defaults, played, and told where they are wrong."""

from __future__ import annotations

from typing import Any

import pytest

from data_platform.errors import InvalidSpec
from data_platform.governance.policies import CaseResult, run_case
from data_platform.spec.policies import Case, read_policies
from data_platform.spec.product.contract import Contract
from tests.governance.judged import NOW, compiled

POLICY = """\
policies:
  - name: keeps
    rule: {type: metadata-check, condition: ASSERT product.retention_days >= previous.retention_days}
    cases:
      - %s
"""


def cases(line: str) -> tuple[Case, ...]:
    return read_policies(POLICY % line, "p.yaml").set.policies[0].cases


def played(line: str) -> CaseResult:
    policies = compiled(POLICY % line)
    policy = policies.policy("keeps")
    assert policy is not None
    (case,) = policy.policy.cases
    assert isinstance(case.product, Contract)
    assert not isinstance(case.previous, str)
    return run_case(policy, case, case.product, case.previous, NOW)


def test_a_product_is_written_out_as_far_as_it_matters() -> None:
    output = "{name: o, schema: {properties: {a: {type: string}}}}"
    (case,) = cases(f"{{product: {{retention_days: 9, outputs: [{output}]}}, expect: pass}}")
    product: Any = case.product
    assert (product.product.name, product.product.domain) == ("example", "example")
    assert product.schemas["o"].names == ("a",)
    (named,) = cases("{product: shop/product.yaml, expect: violation}")
    assert named.product == "shop/product.yaml"


@pytest.mark.parametrize(
    ("line", "passed", "message"),
    [
        ("{product: {retention_days: 9}, previous: {retention_days: 9}, expect: pass}", True, ""),
        (
            "{product: {retention_days: 8}, previous: {retention_days: 9}, expect: violation, subject: example}",
            True,
            "",
        ),
        ("{product: {retention_days: 8}, previous: {retention_days: 9}, expect: violation, reason: is 8}", True, ""),
        ("{product: {retention_days: 8}, previous: {retention_days: 9}, expect: pass}", False, "does not hold"),
        ("{product: {retention_days: 9}, previous: {retention_days: 9}, expect: violation}", False, "there is none"),
        ("{product: {retention_days: 9}, expect: violation, subject: x}", False, "a violation of x was expected"),
    ],
)
def test_a_case_is_played(line: str, passed: bool, message: str) -> None:
    result = played(line)
    assert result.passed is passed
    assert message in result.message


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("x", "p.yaml:5:9: a case must be a mapping"),
        ("{expect: pass}", "p.yaml:5:9: the case has no `product`"),
        ("{product: {}, expect: fails}", '`expect` cannot be "fails"'),
        ("{product: {retention: 3}, expect: pass}", 'p.yaml:5:19: `product`: the product has no field "retention"'),
        ("{product: {outputs: 3}, expect: pass}", "`product`: `outputs` must be a list"),
        ("{product: {outputs: [{name: a, schema: {properties: {b: {type: x}}}}]}, expect: pass}", "`product`: "),
        ("{product: {outputs: [{name: a, schema: a.json}]}, expect: pass}", "names no schema file"),
        ("{product: {}, expect: pass, reason: x}", "has no `subject` and no `reason`"),
    ],
)
def test_a_wrong_case_is_told_with_its_place(line: str, message: str) -> None:
    with pytest.raises(InvalidSpec) as caught:
        cases(line)
    assert any(message in str(problem) for problem in caught.value.problems)
