"""The examples of the policy language's page are conditions that can be judged."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from data_platform.governance.facts import QualityFact
from data_platform.governance.policies import run_case
from data_platform.spec.product.contract import Contract
from tests.governance.judged import NOW, compiled, contract, violations

PAGE = Path(__file__).parents[2] / "docs/reference/policy-language.md"
BLOCKS = re.findall(r"```text\n(.*?)\n```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
FILES = [block for block in BLOCKS if block.startswith("policies:")]
EXAMPLES = [block for block in BLOCKS if block not in FILES]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_judges_a_product(example: str) -> None:
    quality = {"orders": QualityFact(80, "passed", NOW)}
    found = violations(example, contract(retention_days=30), quality=quality, consumers=[], previous=contract())
    assert all(reason for reason in found.values())


def test_the_cases_of_the_page_come_out_as_they_say() -> None:
    (text,) = FILES
    policies = compiled(text)
    (policy,) = policies.others
    results = [
        run_case(policy, case, case.product, None, NOW)
        for case in policy.policy.cases
        if isinstance(case.product, Contract)
    ]
    assert [result.passed for result in results] == [True, True]


def test_the_page_has_examples() -> None:
    assert len(EXAMPLES) >= 8
