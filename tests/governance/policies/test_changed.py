"""What is told of a change of policies: every policy, by name and level, and whether it may let more pass."""

from __future__ import annotations

import pytest

from data_platform.governance.policies import list_policy_changes
from data_platform.spec.policies import read_policies


def changes(before: str, after: str) -> list[tuple[str, str, str, bool]]:
    changed = list_policy_changes(read_policies(before, "before").set, read_policies(after, "after").set)
    return [(change.level, change.policy, change.kind.value, change.weakens) for change in changed]


def condition(text: str, enforcement: str = "blocking") -> str:
    lines = f"policies:\n  - name: p\n    enforcement: {enforcement}\n    rule:\n      type: metadata-check\n"
    return f"{lines}      condition: |\n        {text}\n"


def evolution(mode: str, more: str = "") -> str:
    return f"policies: [{{name: p, rule: {{type: schema-evolution, mode: {mode}{more}}}}}]\n"


NONE = "policies: []\n"
WARNING = "policies: [{name: p, enforcement: warning}]\n"
BLOCKING = "policies: [{name: p}]\n"


@pytest.mark.parametrize(
    ("before", "after", "kind", "weakens"),
    [
        (NONE, BLOCKING, "added", False),
        (BLOCKING, NONE, "removed", True),
        (WARNING, NONE, "removed", False),
        (BLOCKING, WARNING, "weakened", True),
        (WARNING, BLOCKING, "changed", False),
        (BLOCKING, "policies: [{name: p, description: words}]\n", "changed", False),
        (evolution("full"), evolution("none"), "weakened", True),
        (evolution("full"), evolution("backward"), "weakened", True),
        (evolution("full_transitive"), evolution("full"), "weakened", True),
        (evolution("backward"), evolution("full"), "changed", False),
        (evolution("backward"), evolution("forward"), "changed", True),
        (evolution("full"), evolution("full", ", unread_for: 30 days"), "weakened", True),
        (evolution("full", ", unread_for: 30 days"), evolution("full", ", unread_for: 7 days"), "weakened", True),
        (evolution("full", ", unread_for: 7 days"), evolution("full", ", unread_for: 30 days"), "changed", False),
        (evolution("full"), condition("ASSERT product.owner IS NOT NULL"), "changed", True),
        (BLOCKING, condition("ASSERT product.owner IS NOT NULL"), "changed", True),
    ],
)
def test_each_kind_of_change(before: str, after: str, kind: str, weakens: bool) -> None:
    assert changes(before, after) == [("global", "p", kind, weakens)]


COLUMNS = "FOR column IN schema.columns {where}ASSERT {what}"


@pytest.mark.parametrize(
    ("before", "after", "kind", "weakens"),
    [
        ("ASSERT product.retention_days >= 30", "ASSERT product.retention_days >= 90", "changed", False),
        ("ASSERT product.retention_days >= 30", "ASSERT product.retention_days >= 7", "weakened", True),
        ("ASSERT product.retention_days > 30", "ASSERT product.retention_days >= 30", "weakened", True),
        ("ASSERT product.retention_days <= 30", "ASSERT product.retention_days = 30", "changed", False),
        ("ASSERT product.owner = 'a'", "ASSERT product.owner IN ('a', 'b')", "changed", True),
        ("ASSERT product.owner IN ('a', 'b')", "ASSERT product.owner IN ('a')", "changed", False),
        ("ASSERT product.owner IN ('a')", "ASSERT product.owner IN ('a', 'b')", "weakened", True),
        (
            "ASSERT product.retention_days IS NOT NULL",
            "ASSERT product.retention_days IS NOT NULL AND product.oncall IS NOT NULL",
            "changed",
            False,
        ),
        (
            "ASSERT product.retention_days IS NOT NULL",
            "ASSERT product.retention_days IS NOT NULL OR product.oncall IS NOT NULL",
            "weakened",
            True,
        ),
        (
            COLUMNS.format(where="", what="column.description IS NOT NULL"),
            COLUMNS.format(where="WHERE column.tags CONTAINS 'pii' ", what="column.description IS NOT NULL"),
            "weakened",
            True,
        ),
        (
            COLUMNS.format(where="WHERE column.tags CONTAINS 'pii' ", what="column.encryption IS NOT NULL"),
            COLUMNS.format(where="", what="column.encryption IS NOT NULL"),
            "changed",
            False,
        ),
        ("ASSERT product.retention_days IS NOT NULL", "ASSERT product.oncall IS NOT NULL", "changed", True),
        ("ASSERT NOT product.owner = 'a'", "ASSERT product.owner != 'a'", "changed", True),
    ],
)
def test_a_condition_is_weaker_unless_its_form_proves_it_as_strict(
    before: str, after: str, kind: str, weakens: bool
) -> None:
    assert changes(condition(before), condition(after)) == [("global", "p", kind, weakens)]
    assert changes(condition(before, "warning"), condition(after, "warning")) == [("global", "p", kind, False)]


def test_blanks_and_parentheses_change_nothing() -> None:
    assert not changes(condition("ASSERT product.owner = 'a'"), condition("ASSERT (product.owner   = 'a')"))


def test_a_domains_policies_are_told_at_its_level_as_they_hold_there() -> None:
    shared = "policies: [{name: p, enforcement: warning}]\n"
    raised = shared + "domain_policies: {finance: [{name: p}, {name: own}]}\n"
    assert changes(shared, raised) == [("finance", "p", "added", False), ("finance", "own", "added", False)]
    assert changes(raised, shared) == [("finance", "p", "weakened", True), ("finance", "own", "removed", True)]
    blocking = "policies: [{name: p}]\ndomain_policies: {finance: [{name: p}]}\n"
    assert changes(blocking, "policies: [{name: p}]\n") == [("finance", "p", "removed", False)]


def test_a_domains_policy_that_loses_the_federations_rule_is_told() -> None:
    rule = "rule: {type: schema-evolution, mode: full}"
    before = f"policies: [{{name: p, enforcement: warning, {rule}}}]\ndomain_policies: {{finance: [{{name: p}}]}}\n"
    after = "policies: []\ndomain_policies: {finance: [{name: p}]}\n"
    assert changes(before, after) == [("global", "p", "removed", False), ("finance", "p", "changed", True)]
