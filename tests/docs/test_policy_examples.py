"""The examples of the policy language's page are conditions that can be judged."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from data_platform.governance.facts import Quality
from tests.governance.judged import NOW, contract, violations

PAGE = Path(__file__).parents[2] / "docs/reference/policy-language.md"
EXAMPLES = re.findall(r"```text\n(.*?)\n```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_judges_a_product(example: str) -> None:
    quality = {"orders": Quality(80, "passed", NOW)}
    found = violations(example, contract(retention_days=30), quality=quality, consumers=[], previous=contract())
    assert all(reason for reason in found.values())


def test_the_page_has_examples() -> None:
    assert len(EXAMPLES) >= 8
